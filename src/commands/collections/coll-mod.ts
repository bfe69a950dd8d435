import { BsonType, DocumentWriter, type RawValue } from '../../bson/index.ts';
import {
  alterIndex,
  bucketsBehind,
  type CollectionOptions,
  changeOptions,
  changeView,
  checkValidator,
  existingCollection,
  type IndexAlteration,
  type IndexIdentifier,
  isCapped,
  isClustered,
  oplogNamespace,
  timeSeriesOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import { viewBehind } from '../documents/view-behind.ts';

import { cappedMax, cappedSize } from './capped-options.ts';
import { readPreImages, storedValidator } from './create-options.ts';
import { checkExpireAfter, notClustered, readExpireAfterChange } from './expire-after.ts';
import { changedTimeSeries, readTimeSeriesChange } from './time-series-change.ts';
import type { BucketParameters } from './time-series-options.ts';
import {
  readValidatorOptions,
  type ValidatorOptions,
  validatorFields,
} from './validator-options.ts';
import { checkViewPipeline, readViewOn, readViewPipeline } from './view-options.ts';

interface IndexChange {
  readonly identifier: IndexIdentifier;
  readonly alteration: IndexAlteration;
  readonly isDryRun: boolean;
}

interface CollMod {
  readonly namespace: string;
  readonly index: IndexChange | undefined;
  readonly options: OptionChange;
  readonly view: { readonly viewOn: string | undefined; readonly pipeline: RawValue | undefined };
  /** The first option that a view has not. */
  readonly notForViews: string | undefined;
  /** The first option that a time series has not. */
  readonly notForTimeSeries: string | undefined;
  readonly timeSeries: BucketParameters | undefined;
}

interface OptionChange extends ValidatorOptions {
  readonly size: number | bigint | undefined;
  readonly max: number | undefined;
  readonly preImages: boolean | undefined;
  readonly expireAfter: bigint | 'off' | undefined;
}

const viewFields = ['viewOn', 'pipeline'] as const;
const optionFields = [
  'cappedMax',
  'cappedSize',
  'changeStreamPreAndPostImages',
  'expireAfterSeconds',
  ...validatorFields,
] as const;

/** Of those, what a time series has too. */
const timeSeriesFields: readonly string[] = ['expireAfterSeconds'];

const indexFields: ReadonlySet<string> = new Set([
  'name',
  'keyPattern',
  'expireAfterSeconds',
  'hidden',
  'unique',
  'prepareUnique',
]);

export const collMod = defineCommand<CollMod>({
  name: 'collMod',
  help: 'Changes options of a collection or an index.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.optionalStrictBool('timeseriesBucketsMayHaveMixedSchemaData');
    body.rejectUnknown([
      'timeseriesBucketsMayHaveMixedSchemaData',
      'timeseries',
      ...optionFields,
      ...viewFields,
      'index',
      'dryRun',
    ]);
    const index = readIndexChange(body);
    return {
      namespace: body.namespace(),
      index,
      options: {
        ...readValidatorOptions(body),
        size: cappedSize(body, 'cappedSize'),
        max: cappedMax(body, 'cappedMax'),
        preImages: readPreImages(body),
        expireAfter: readExpireAfterChange(body),
      },
      view: { viewOn: readViewOn(body), pipeline: readViewPipeline(body) },
      notForViews: ['timeseries', ...optionFields, 'index'].find((option) => isGiven(body, option)),
      notForTimeSeries: optionFields.find(
        (option) => isGiven(body, option) && !timeSeriesFields.includes(option),
      ),
      timeSeries: readTimeSeriesChange(body),
    };
  },
  async run(request, context) {
    const { namespace, index, options, timeSeries, view } = request;
    const { database, operation } = context;
    // A restore tells so of buckets: each has one measurement here.
    if (bucketsBehind(database, namespace) !== undefined) return {};
    if (viewBehind(context, namespace) !== undefined) {
      await changeViewOf(request, context);
      return {};
    }
    if (namespace === oplogNamespace && (options.size ?? options.max) !== undefined) {
      throw new MongoServerError(
        'InvalidOptions',
        "Cannot resize the oplog using this command. Use the 'replSetResizeOplog' command instead.",
      );
    }
    const info = existingCollection(database.catalog, namespace);
    checkKind(request, info);
    for (const option of viewFields) {
      if (view[option] === undefined) continue;
      throw new MongoServerError('InvalidOptions', `'${option}' option only supported on a view`);
    }
    const { expireAfter } = options;
    if (typeof expireAfter === 'bigint') checkExpireAfter(Number(expireAfter), database.now());
    const { validator } = options;
    if (validator !== undefined) checkValidator(database, namespace, validator);
    if ([timeSeries, ...Object.values(options)].some((change) => change !== undefined)) {
      await changeOptions(database, operation, namespace, (info) => ({
        ...optionsAfter(info, options),
        ...timeSeriesAfter(info, timeSeries),
      }));
    }
    if (index === undefined) return {};
    const { identifier, alteration, isDryRun } = index;
    return await alterIndex(database, operation, namespace, identifier, alteration, isDryRun);
  },
});

async function changeViewOf(
  { namespace, view: { viewOn, pipeline }, notForViews }: CollMod,
  { database, operation }: CommandContext,
): Promise<void> {
  if (notForViews !== undefined) {
    throw new MongoServerError('InvalidOptions', `option not supported on a view: ${notForViews}`);
  }
  if (pipeline !== undefined) checkViewPipeline(namespace, pipeline);
  if (viewOn === undefined && pipeline === undefined) return;
  await changeView(database, operation, namespace, {
    ...(viewOn === undefined ? {} : { viewOn }),
    ...(pipeline === undefined ? {} : { pipeline }),
  });
}

function isGiven(body: CommandBody, option: string): boolean {
  const value = body.value(option);
  return value !== undefined && value.type !== BsonType.null && value.type !== BsonType.undefined;
}

function optionsAfter(
  info: Parameters<typeof isCapped>[0],
  { size, max, preImages, expireAfter, ...validation }: OptionChange,
): CollectionOptions {
  if ((size !== undefined || max !== undefined) && !isCapped(info)) {
    throw new MongoServerError('InvalidOptions', 'Collection must be capped.');
  }
  if (expireAfter !== undefined && !isClustered(info) && timeSeriesOf(info) === undefined) {
    throw notClustered();
  }
  return {
    ...changedValidator(validation),
    ...(size === undefined ? {} : { size }),
    ...(max === undefined ? {} : { max }),
    ...(preImages === undefined
      ? {}
      : { changeStreamPreAndPostImages: preImages ? { enabled: true } : undefined }),
    ...(expireAfter === undefined
      ? {}
      : { expireAfterSeconds: expireAfter === 'off' ? undefined : expireAfter }),
  };
}

function changedValidator(options: ValidatorOptions): CollectionOptions {
  const stored = storedValidator(options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name]) => [name, stored[name as keyof ValidatorOptions]]));
}

/** Throws InvalidOptions for what is not said of this kind of collection. */
function checkKind(
  { notForTimeSeries, timeSeries, index }: CollMod,
  info: Parameters<typeof timeSeriesOf>[0],
): void {
  const isTimeSeries = timeSeriesOf(info) !== undefined;
  if (timeSeries !== undefined && !isTimeSeries) {
    throw new MongoServerError(
      'InvalidOptions',
      'option only supported on a time-series collection: timeseries',
    );
  }
  if (!isTimeSeries) return;
  if (notForTimeSeries !== undefined) {
    throw new MongoServerError(
      'InvalidOptions',
      `option not supported on a time-series collection: ${notForTimeSeries}`,
    );
  }
  if (index?.alteration.expireAfterSeconds === undefined) return;
  throw new MongoServerError(
    'InvalidOptions',
    "TTL indexes are not supported for time-series collections. Please refer to the documentation and use the top-level 'expireAfterSeconds' option instead",
  );
}

function timeSeriesAfter(
  info: Parameters<typeof timeSeriesOf>[0],
  change: BucketParameters | undefined,
): CollectionOptions {
  const series = timeSeriesOf(info);
  if (series === undefined || change === undefined) return {};
  return { timeseries: changedTimeSeries(series, change) };
}

function readIndexChange(body: CommandBody): IndexChange | undefined {
  const value = body.optionalDocument('index');
  const isDryRun = body.optionalBool('dryRun') ?? false;
  if (value === undefined) {
    if (isDryRun) throw dryRunOfNothing();
    return undefined;
  }
  const nested = new NestedFields(`${body.name}.index`, value, indexFields);
  const name = nested.value('name') === undefined ? undefined : nested.requireString('name');
  const keyPattern = nested.optionalDocument('keyPattern');
  const hidden = nested.optionalBool('hidden');
  const unique = nested.optionalBool('unique');
  const prepareUnique = nested.optionalBool('prepareUnique');
  const expireAfterSeconds = readSeconds(nested);
  if (name === undefined && keyPattern === undefined) {
    throw new MongoServerError('InvalidOptions', 'Must specify either index name or key pattern.');
  }
  if (name !== undefined && keyPattern !== undefined) {
    throw new MongoServerError('InvalidOptions', 'Cannot specify both key pattern and name.');
  }
  const changes = [hidden, unique, prepareUnique, expireAfterSeconds];
  if (changes.every((change) => change === undefined)) {
    throw new MongoServerError(
      'InvalidOptions',
      'no expireAfterSeconds, hidden, unique, or prepareUnique field',
    );
  }
  if (unique === false) throw new MongoServerError('BadValue', 'Cannot make index non-unique');
  if (isDryRun && unique === undefined) throw dryRunOfNothing();
  return {
    identifier: name ?? patternOf(keyPattern as RawValue),
    alteration: { hidden, unique, prepareUnique, expireAfterSeconds },
    isDryRun,
  };
}

function dryRunOfNothing(): MongoServerError {
  return new MongoServerError(
    'InvalidOptions',
    'dryRun mode is only supported for the conversion of an index to a unique one',
  );
}

const maxSeconds = 2 ** 31 - 1;

/** More than fits is the most that fits, and what is no number is none. */
function readSeconds(nested: NestedFields): number | undefined {
  const seconds = nested.optionalNumber('expireAfterSeconds');
  if (seconds === undefined) return undefined;
  if (seconds < 0) {
    throw new MongoServerError(
      'InvalidOptions',
      "TTL index 'expireAfterSeconds' option cannot be less than 0",
    );
  }
  return Math.min(seconds, maxSeconds);
}

function patternOf(key: RawValue): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.raw('key', key);
  writer.string('name', '');
  writer.end();
  return writer.finish();
}
