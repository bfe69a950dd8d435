import { DocumentWriter, type RawValue } from '../bson/index.ts';
import {
  type CollectionOptions,
  changeOptions,
  existingCollection,
  hideIndex,
  type IndexIdentifier,
  identifiedIndex,
  isCapped,
} from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { cappedMax, cappedSize } from './capped-options.ts';
import { type CommandContext, defineCommand } from './command.ts';
import type { CommandBody } from './command-body.ts';
import { readPreImages } from './create-options.ts';
import { asksForSomething } from './later-options.ts';
import { NestedFields } from './nested-fields.ts';

interface IndexChange {
  readonly identifier: IndexIdentifier;
  readonly hidden: boolean | undefined;
  /** A change that is not there yet. */
  readonly later: string | undefined;
}

interface CollMod {
  readonly namespace: string;
  readonly index: IndexChange | undefined;
  readonly options: OptionChange;
  /** An option that asks for what is not there yet. */
  readonly later: string | undefined;
}

interface OptionChange {
  readonly size: number | bigint | undefined;
  readonly max: number | undefined;
  readonly preImages: boolean | undefined;
}

const optionFields = ['cappedMax', 'cappedSize', 'changeStreamPreAndPostImages'] as const;

/** What each belongs to is not there yet; a value that changes nothing is success. */
const laterOptions = [
  'expireAfterSeconds',
  'pipeline',
  'timeseries',
  'validationAction',
  'validationLevel',
  'validator',
  'viewOn',
] as const;

const indexFields: ReadonlySet<string> = new Set([
  'name',
  'keyPattern',
  'expireAfterSeconds',
  'hidden',
  'unique',
  'prepareUnique',
]);

const validationLevels = ['off', 'moderate', 'strict'];
const validationActions = ['error', 'errorAndLog', 'warn'];

export const collMod = defineCommand<CollMod>({
  name: 'collMod',
  help: 'Changes options of a collection or an index.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown([...laterOptions, ...optionFields, 'index', 'dryRun']);
    checkTypes(body);
    const index = readIndexChange(body);
    const dryRun = body.optionalBool('dryRun') ?? false;
    if (dryRun && index?.later !== 'unique') {
      throw new MongoServerError(
        'InvalidOptions',
        "The 'dryRun' option is only supported with the 'unique' option of an index",
      );
    }
    return {
      namespace: body.namespace(),
      index,
      options: {
        size: cappedSize(body, 'cappedSize'),
        max: cappedMax(body, 'cappedMax'),
        preImages: readPreImages(body),
      },
      later: laterOptions.find((option) => asksForSomething(body.decode(option))),
    };
  },
  async run({ namespace, index, options, later }, context) {
    const { database, operation } = context;
    existingCollection(database.catalog, namespace);
    if (later !== undefined) throw notYet(later);
    if (Object.values(options).some((change) => change !== undefined)) {
      await changeOptions(database, operation, namespace, (info) => optionsAfter(info, options));
    }
    return index === undefined ? {} : await changeIndex(namespace, index, context);
  },
});

function optionsAfter(
  info: Parameters<typeof isCapped>[0],
  { size, max, preImages }: OptionChange,
): CollectionOptions {
  if ((size !== undefined || max !== undefined) && !isCapped(info)) {
    throw new MongoServerError('InvalidOptions', 'Collection must be capped.');
  }
  return {
    ...(size === undefined ? {} : { size }),
    ...(max === undefined ? {} : { max }),
    ...(preImages === undefined
      ? {}
      : { changeStreamPreAndPostImages: preImages ? { enabled: true } : undefined }),
  };
}

async function changeIndex(
  namespace: string,
  { identifier, hidden, later }: IndexChange,
  { database, operation }: CommandContext,
): Promise<Record<string, unknown>> {
  if (later !== undefined) {
    identifiedIndex(database, namespace, identifier);
    throw notYet(`index.${later}`);
  }
  if (hidden === undefined) return {};
  const wasHidden = await hideIndex(database, operation, namespace, identifier, hidden);
  return wasHidden === hidden ? {} : { hidden_old: wasHidden, hidden_new: hidden };
}

function notYet(option: string): MongoServerError {
  return new MongoServerError('NotImplemented', `collMod with '${option}' is not implemented yet`);
}

function checkTypes(body: CommandBody): void {
  body.optionalDocument('validator');
  checkWord(body, 'validationLevel', validationLevels);
  checkWord(body, 'validationAction', validationActions);
  body.optionalDocument('timeseries');
  body.optionalString('viewOn');
  body.optionalArray('pipeline');
}

function checkWord(body: CommandBody, field: string, words: readonly string[]): void {
  const word = body.optionalString(field);
  if (word === undefined || words.includes(word)) return;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${word}' for field '${body.name}.${field}' is not a valid value.`,
  );
}

function readIndexChange(body: CommandBody): IndexChange | undefined {
  const value = body.optionalDocument('index');
  if (value === undefined) return undefined;
  const nested = new NestedFields(`${body.name}.index`, value, indexFields);
  const name = nested.value('name') === undefined ? undefined : nested.requireString('name');
  const keyPattern = nested.optionalDocument('keyPattern');
  const hidden = nested.optionalBool('hidden');
  const unique = nested.optionalBool('unique');
  const prepareUnique = nested.optionalBool('prepareUnique');
  const expireAfterSeconds = nested.optionalNumber('expireAfterSeconds');
  if ((name === undefined) === (keyPattern === undefined)) {
    throw new MongoServerError(
      'InvalidOptions',
      'an index is identified by its name or by its key pattern, and by one of them only',
    );
  }
  const later = Object.entries({ expireAfterSeconds, unique, prepareUnique }).find(
    ([, change]) => change !== undefined,
  )?.[0];
  if (hidden === undefined && later === undefined) {
    throw new MongoServerError(
      'InvalidOptions',
      'no expireAfterSeconds, hidden, unique or prepareUnique field',
    );
  }
  if (unique === false) {
    throw new MongoServerError('BadValue', 'collMod does not support making an index non-unique');
  }
  return { identifier: name ?? patternOf(keyPattern as RawValue), hidden, later };
}

function patternOf(key: RawValue): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.raw('key', key);
  writer.string('name', '');
  writer.end();
  return writer.finish();
}
