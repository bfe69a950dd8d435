import type { Protocol } from '../world/index.ts';
import type { InvariantChoice } from '../world/watchers.ts';
import type { Outcome } from './outcome.ts';
import { Stage, type StageOptions } from './stage.ts';

/** A script that knows no protocol: it cuts, crashes and writes, and the world says what came of it. */
export interface StoryScript {
  readonly id: string;
  readonly title: string;
  /** Where it is told: [W] white paper, [P] the paper, tickets of MongoDB, or `notes`. */
  readonly source: string;
  /** One sentence: what goes wrong, if anything does. */
  readonly about: string;
  /** What the comparison shows of it. */
  readonly shows: 'losses' | 'outage' | 'twoPrimaries' | 'futileRounds' | 'positionsGivenTwice';
  readonly members: number;
  /** How many seeds the comparison takes: more where it depends on luck. Default 5. */
  readonly seeds?: number;
  setup?(seed: number): Partial<StageOptions>;
  play(stage: Stage): void;
}

export interface Contender {
  readonly name: string;
  readonly title: string;
  readonly protocol: Protocol<unknown>;
  /** What must hold at every step of it. */
  readonly invariants: InvariantChoice;
}

/** The world knows no more of a member than its protocol tells. */
export function contender<M>(
  name: string,
  title: string,
  protocol: Protocol<M>,
  invariants: InvariantChoice,
): Contender {
  return { name, title, protocol: protocol as unknown as Protocol<unknown>, invariants };
}

export interface Performance {
  readonly outcome: Outcome;
  readonly stage: Stage;
}

export function perform(
  story: StoryScript,
  { protocol, invariants }: Contender,
  seed: number,
): Performance {
  const { members } = story;
  const stage = new Stage(protocol, { members, seed, invariants, ...story.setup?.(seed) });
  story.play(stage);
  return { outcome: stage.end(), stage };
}
