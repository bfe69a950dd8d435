import { BsonType, DocumentWriter, ElementReader } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  documentValue,
  type ParseContext,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import { parseUpdate, type Update } from '../../../query/index.ts';
import type { MergeTarget, WhenMatched, WhenNotMatched } from '../../pipeline-output.ts';
import type { StageDefinition } from '../../pipeline-stage.ts';
import {
  type Into,
  readInto,
  readOn,
  readWhenMatched,
  readWhenNotMatched,
} from './merge-fields.ts';
import { constantsOf, readLet } from './merge-let.ts';

/** `$merge`: each document goes into a collection, beside or into what is there. */
export const merge: StageDefinition = {
  name: '$merge',
  parse(argument, context) {
    return {
      name: '$merge',
      argument,
      output: targetOf(argument, context),
      build: (source) => source!,
    };
  },
};

const fieldNames = ['into', 'on', 'let', 'whenMatched', 'whenNotMatched'] as const;
type Given = { [name in (typeof fieldNames)[number]]?: Value };

function targetOf(argument: Value, context: ParseContext): MergeTarget {
  if (argument.type !== BsonType.string && argument.type !== BsonType.object) {
    throw new MongoServerError(
      'TypeMismatch',
      `$merge requires a string or object argument, but found ${typeName(argument)}`,
    );
  }
  const given = argument.type === BsonType.string ? {} : readGiven(argument);
  const into = argument.type === BsonType.string ? simpleInto(argument) : readInto(given.into!);
  const on = readOn(given.on);
  const whenMatched = readWhenMatched(given.whenMatched);
  const whenNotMatched = readWhenNotMatched(given.whenNotMatched);
  const letSpec = readLet(given.let);
  checkModes(whenMatched, whenNotMatched);
  if (whenMatched !== 'pipeline' && letSpec !== undefined) {
    throw new MongoServerError(
      51199,
      `Cannot use 'let' variables with 'whenMatched: ${whenMatched}' mode`,
    );
  }
  const updateFor =
    whenMatched === 'pipeline'
      ? updateByPipeline(given.whenMatched!, letSpec, context)
      : updates[whenMatched];
  return { stage: '$merge', ...into, on, whenMatched, whenNotMatched, updateFor };
}

/** The empty name is refused where all bad names are. */
function simpleInto(argument: Value): Into {
  const isEmpty = argument.end - argument.start === 5;
  return isEmpty ? { database: undefined, collection: '' } : readInto(argument);
}

function readGiven(argument: Value): Given {
  const given: Given = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = fieldNames.find((one) => one === reader.name());
    if (name === undefined) {
      throw new MongoServerError(
        40415,
        `BSON field '$merge.${reader.name()}' is an unknown field.`,
      );
    }
    given[name] = reader.value();
  }
  if (given.into !== undefined) return given;
  throw new MongoServerError(40414, "BSON field '$merge.into' is missing but a required field");
}

function checkModes(whenMatched: WhenMatched, whenNotMatched: WhenNotMatched): void {
  const isLazy = whenMatched === 'keepExisting' || whenMatched === 'fail';
  if (!isLazy || whenNotMatched === 'insert') return;
  throw new MongoServerError(
    51181,
    `Combination of $merge modes 'whenMatched: ${whenMatched}' and 'whenNotMatched: ${whenNotMatched}' is not supported`,
  );
}

const updates: Record<
  Exclude<WhenMatched, 'pipeline'>,
  (document: Buffer) => Update | undefined
> = {
  fail: () => undefined,
  replace: (document) => parseUpdate(documentValue(document)),
  merge: (document) => parseUpdate(operatorUpdate('$set', document)),
  keepExisting: (document) => parseUpdate(operatorUpdate('$setOnInsert', document)),
};

function operatorUpdate(operator: string, document: Buffer): Value {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.rawBytes(operator, BsonType.object, document, 0, document.length);
  writer.end();
  return documentValue(writer.finish());
}

/**
 * The constants differ from document to document, so the pipeline is read anew for each. What it has
 * wrong is found with the first.
 */
function updateByPipeline(
  pipeline: Value,
  letSpec: Value | undefined,
  context: ParseContext,
): (document: Buffer) => Update {
  const constants = constantsOf(letSpec, context);
  const { variables } = context;
  return (document) =>
    parseUpdate(pipeline, { variables, constants: documentValue(constants.of(document)) });
}
