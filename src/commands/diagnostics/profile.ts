import { Double } from 'bson';
import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { explainFilter, parseFilter } from '../../query/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { numberOf } from '../dispatch/field-values.ts';
import type { ProfileChange } from '../dispatch/profiler.ts';

const filterNote =
  'When a filter expression is set, slowms and sampleRate are not used for profiling and slow-query log lines.';

export const profile = defineCommand<ProfileChange>({
  name: 'profile',
  help: 'Tells and sets which operations are logged as slow or kept in system.profile.',
  access: 'admin',
  runsOn: 'anyMember',
  parse(body) {
    body.rejectUnknown(['slowms', 'sampleRate', 'filter']);
    const level = body.requireInt('profile');
    return {
      // Any other number only asks.
      level: level >= 0 && level <= 2 ? level : undefined,
      slowMs: body.optionalInt('slowms'),
      sampleRate: readSampleRate(body),
      filter: readFilter(body),
    };
  },
  run(change, { profiler, dbName }) {
    const { level, filter } = profiler.settings(dbName);
    const { slowMs, sampleRate } = profiler;
    profiler.change(dbName, change);
    return {
      was: level,
      slowms: slowMs,
      sampleRate: new Double(sampleRate),
      ...(filter === undefined ? {} : { filter: explainFilter(filter.root), note: filterNote }),
    };
  },
});

function readSampleRate(body: CommandBody): number | undefined {
  const value = body.value('sampleRate');
  if (value === undefined || value.type === BsonType.null) return undefined;
  const rate = numberOf(value);
  if (rate === undefined) {
    throw body.wrongType('sampleRate', value.type, "'[double, decimal, int, long']");
  }
  if (rate >= 0 && rate <= 1) return rate;
  throw new MongoServerError('BadValue', "'sampleRate' must be between 0.0 and 1.0 inclusive");
}

function readFilter(body: CommandBody): RawValue | 'unset' | undefined {
  const value = body.value('filter');
  if (value === undefined) return undefined;
  if (value.type === BsonType.object) {
    parseFilter(value.buffer, value.start);
    return value;
  }
  if (value.type === BsonType.string && body.requireString('filter') === 'unset') return 'unset';
  throw new MongoServerError('BadValue', "Expected an object, or the string 'unset'.");
}
