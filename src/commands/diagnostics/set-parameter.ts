import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const setParameter = defineCommand<ReadonlyMap<string, unknown>>({
  name: 'setParameter',
  help: 'Changes server parameters while the server runs.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    const values = new Map<string, unknown>();
    for (const name of body.fieldNames()) {
      if (name === body.name || body.isGeneric(name)) continue;
      values.set(name, body.decode(name));
    }
    if (values.size === 0) {
      throw new MongoServerError(
        'InvalidOptions',
        'no option found to set, use help:true to see options',
      );
    }
    return values;
  },
  run(values, { parameters }) {
    let was: unknown;
    for (const [name, value] of values) was = parameters.set(name, value);
    return { was };
  },
});
