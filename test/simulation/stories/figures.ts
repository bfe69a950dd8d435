import { contenders } from './comparison.ts';
import { diagram, type Panel } from './diagram.ts';
import { stories } from './index.ts';
import { type Contender, perform, type StoryScript } from './story.ts';

export interface Figure {
  /** Beside docs/algorithm.md. */
  readonly file: string;
  readonly svg: string;
}

/** Two stories drawn under a protocol that loses the write and under Ark, with the first seed. */
export function figures(): Figure[] {
  return [
    figure('plots/paper-example-1.svg', 'EX1', 'mongodb24'),
    figure('plots/paper-example-3.svg', 'EX3', 'mongodb26'),
  ];
}

function figure(file: string, id: string, loser: string): Figure {
  const story = stories.find((one) => one.id === id)!;
  const panels = contenders
    .filter(({ name }) => name === loser || name === 'ark')
    .map((contender) => panelOf(story, contender));
  return { file, svg: diagram(story.title, panels) };
}

function panelOf(story: StoryScript, contender: Contender): Panel {
  const { outcome, stage } = perform(story, contender, 1);
  const { lost, acknowledged } = outcome;
  const isSafe = acknowledged.includes('A')
    ? 'A was acknowledged and is kept'
    : 'A was never acknowledged';
  const verdict = lost.includes('A') ? 'A was acknowledged and is lost' : isSafe;
  return { title: contender.title, verdict, trace: stage.trace };
}
