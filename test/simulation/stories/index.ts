import { crashedVoter, crashedWinner, powerCut } from './crashes.ts';
import { decidingRound } from './deciding-round.ts';
import { example1 } from './example-1.ts';
import { example2 } from './example-2.ts';
import { example3, example3b } from './example-3.ts';
import { example4 } from './example-4.ts';
import { figure8 } from './figure-8.ts';
import type { StoryScript } from './story.ts';
import { server9765, server9848 } from './two-primaries.ts';
import { minutesToElect, server8084, server14382, server14531 } from './vote-timer.ts';

/** In the order in which they are told. */
export const stories: readonly StoryScript[] = [
  example1,
  server9765,
  example2,
  example3,
  example3b,
  decidingRound,
  figure8,
  powerCut,
  server9848,
  crashedVoter,
  crashedWinner,
  example4,
  server14382,
  server14531,
  server8084,
  minutesToElect,
];
