import { describe, expect, it } from 'vitest';
import { contenders } from './comparison.ts';
import { figures } from './figures.ts';
import { stories } from './index.ts';
import { perform } from './story.ts';

const times = (text: string, word: string) => text.split(word).length - 1;

describe('a diagram of a story', () => {
  it('shows every rollback, every copy and every answer to the client of both panels', () => {
    const story = stories.find(({ id }) => id === 'EX1')!;
    const shown = contenders.filter(({ name }) => name === 'mongodb24' || name === 'ark');
    const moments = shown.flatMap((one) => perform(story, one, 1).stage.trace.moments);
    const { svg } = figures()[0]!;
    const count = (mark: string) => moments.filter((moment) => moment.mark === mark).length;
    expect(count('undo')).toBe(3);
    expect(times(svg, 'A undone')).toBe(count('undo'));
    expect(times(svg, '>A</text>')).toBe(count('copy'));
    expect(times(svg, '>A is safe</text>')).toBe(count('acknowledgement'));
  });

  it('says what came of the write', () => {
    for (const { svg } of figures()) {
      expect(times(svg, 'A was acknowledged and is lost')).toBe(1);
      expect(svg).toMatch(/A was never acknowledged|A was acknowledged and is kept/);
    }
  });
});
