import { BsonType, DocumentWriter, type RawValue } from '../bson/index.ts';
import {
  alterIndex,
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
} from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { cappedMax, cappedSize } from './capped-options.ts';
import { type CommandContext, defineCommand } from './command.ts';
import type { CommandBody } from './command-body.ts';
import { readPreImages, storedValidator } from './create-options.ts';
import { checkExpireAfter, notClustered, readExpireAfterChange } from './expire-after.ts';
import { asksForSomething } from './later-options.ts';
import { NestedFields } from './nested-fields.ts';
import {
  readValidatorOptions,
  type ValidatorOptions,
  validatorFields,
} from './validator-options.ts';
import { checkViewPipeline, readViewOn, readViewPipeline } from './view-options.ts';
import { viewBehind } from './views.ts';

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
  /** An option that asks for what is not there yet. */
  readonly later: string | undefined;
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

/** What each belongs to is not there yet; a value that changes nothing is success. */
const laterOptions = ['timeseries'] as const;

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
    body.rejectUnknown([...laterOptions, ...optionFields, ...viewFields, 'index', 'dryRun']);
    body.optionalDocument('timeseries');
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
      notForViews: [...laterOptions, ...optionFields, 'index'].find((option) =>
        isGiven(body, option),
      ),
      later: laterOptions.find((option) => asksForSomething(body.decode(option))),
    };
  },
  async run(request, context) {
    const { namespace, index, options, later, view } = request;
    const { database, operation } = context;
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
    existingCollection(database.catalog, namespace);
    for (const option of viewFields) {
      if (view[option] === undefined) continue;
      throw new MongoServerError('InvalidOptions', `'${option}' option only supported on a view`);
    }
    if (later !== undefined) throw notYet(later);
    const { expireAfter } = options;
    if (typeof expireAfter === 'bigint') checkExpireAfter(Number(expireAfter), database.now());
    const { validator } = options;
    if (validator !== undefined) checkValidator(database, namespace, validator);
    if (Object.values(options).some((change) => change !== undefined)) {
      await changeOptions(database, operation, namespace, (info) => optionsAfter(info, options));
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
  if (expireAfter !== undefined && !isClustered(info)) throw notClustered();
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

function notYet(option: string): MongoServerError {
  return new MongoServerError('NotImplemented', `collMod with '${option}' is not implemented yet`);
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
