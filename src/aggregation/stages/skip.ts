import { Skip } from '../../plan/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';
import { wholeCount } from './whole-count.ts';

/** `$skip`: drops so many documents. */
export const skip: StageDefinition = {
  name: '$skip',
  parse(argument) {
    const count = wholeCount(argument, 5107200, '$skip');
    return {
      name: '$skip',
      argument,
      skip: count,
      build: (source) => (count === 0 ? source! : new Skip(source!, count)),
    };
  },
};
