import type { OutTarget } from '../../../aggregation/index.ts';
import { BsonType, type RawValue } from '../../../bson/index.ts';
import {
  checkRenamable,
  createCollection,
  createIndexes,
  encodeOptions,
  insertMany,
  replaceCollection,
  shownIndexes,
  splitNamespace,
  type TimeSeries,
  timeSeriesOf,
  withOutputCollection,
} from '../../../database/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import { readTimeSeriesFields } from '../../collections/time-series-options.ts';
import type { CommandContext, Database } from '../../command.ts';
import type { Aggregate } from '../aggregate.ts';
import type { BatchWriter } from './write-output.ts';

type CollectionInfo = NonNullable<ReturnType<Database['catalog']['byNamespace']>>;

/**
 * Fills a new collection with the options and indexes of the target, and puts it in the target's place at
 * the end, in one step. Whatever fails before leaves the target as it was.
 */
export async function replaceTarget(
  output: OutTarget,
  namespace: string,
  { bypassValidation }: Aggregate,
  { database, operation }: CommandContext,
  run: (write: BatchWriter) => Promise<void>,
): Promise<void> {
  checkRenamable(namespace);
  const found = database.catalog.byNamespace(namespace);
  const options = optionsOf(output, found);
  const parts = splitNamespace(namespace);
  await withOutputCollection(database, parts.database, async (temporary) => {
    await createCollection(database, operation, temporary, options);
    const specs = indexSpecsOf(found);
    if (specs.length > 0) await createIndexes(database, operation, temporary, specs);
    await run(async (documents) => {
      const { writeErrors } = await insertMany(database, operation, {
        namespace: temporary,
        documents,
        ordered: true,
        bypassValidation,
      });
      const [first] = writeErrors;
      if (first === undefined) return;
      const { code, errmsg, index: _, ...fields } = first;
      throw new MongoServerError(code, errmsg.replaceAll(temporary, namespace), { fields });
    });
    await replaceCollection(database, operation, temporary, namespace, found);
  });
}

/** Of the target; a time series is made when asked for. */
function optionsOf({ timeSeries: spec }: OutTarget, found: CollectionInfo | undefined): Buffer {
  const asked = spec && readTimeSeriesFields('$out.timeseries', spec);
  if (found === undefined) return encodeOptions(asked === undefined ? {} : { timeseries: asked });
  if (asked === undefined) return found.options;
  const there = timeSeriesOf(found);
  if (there === undefined) {
    throw new MongoServerError(
      7268700,
      'Cannot create a time-series collection from a non time-series collection.',
    );
  }
  if (!isSameSeries(asked, there)) {
    throw new MongoServerError(
      7406103,
      `Time-series options inputted must match the existing time-series collection. Received: ${JSON.stringify(asked)} Found: ${JSON.stringify(there)}`,
    );
  }
  return found.options;
}

function isSameSeries(a: TimeSeries, b: TimeSeries): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof TimeSeries>;
  return [...names].every((name) => a[name] === b[name]);
}

/** Without those that a collection has from the start. */
function indexSpecsOf(found: CollectionInfo | undefined): RawValue[] {
  if (found === undefined) return [];
  return shownIndexes(found)
    .filter(({ isIdIndex, name }) => !isIdIndex && name !== '$time')
    .map(({ spec }) => ({ buffer: spec, type: BsonType.object, start: 0, end: spec.length }));
}
