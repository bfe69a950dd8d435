import { dropDatabase as dropWholeDatabase } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const dropDatabase = defineCommand<{ name: string }>({
  name: 'dropDatabase',
  help: 'Drops the current database.',
  access: 'write',
  runsOn: 'primary',
  parse(body) {
    body.rejectUnknown([]);
    const given = body.optionalInt(body.name);
    if (given === undefined) throw body.missing(body.name);
    if (given !== 1) {
      throw new MongoServerError(5255100, 'Have to pass 1 as db parameter');
    }
    const name = body.database;
    if (['admin', 'config', 'local'].includes(name)) {
      throw new MongoServerError(
        'IllegalOperation',
        `Dropping the '${name}' database is prohibited.`,
      );
    }
    return { name };
  },
  async run({ name }, { database, operation, profiler }) {
    const existed = await dropWholeDatabase(database, operation, name);
    profiler.forget(name);
    return existed ? { dropped: name } : {};
  },
});
