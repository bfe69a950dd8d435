/** What `$lookup` is told: checked when the pipeline is read, the pipeline inside as a whole. */
import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  checkFieldPath,
  checkUserVariableName,
  type Expression,
  type ParseContext,
  parseExpression,
  Unbound,
  type Value,
  type Variables,
} from '../../expressions/index.ts';
import type { Pipeline } from '../pipeline.ts';
import type { ForeignNamespace, StagePlace } from '../pipeline-stage.ts';
import { foreignFrom } from './foreign-from.ts';
import { Specification } from './specification.ts';
import { startsWithDocuments } from './starts-with-documents.ts';

export interface LookupSpecification {
  readonly from: ForeignNamespace;
  readonly as: readonly string[];
  /** By which fields documents are joined. */
  readonly equality: { readonly local: readonly string[]; readonly foreign: string } | undefined;
  readonly let: readonly LetVariable[];
  /** The pipeline inside, in parts. Read when the stage is built: a stage may only be checked. */
  readonly parts: () => LookupParts;
}

export interface LookupParts {
  /** With an equality: the stages before it, of views, or that make documents in place of a collection. */
  readonly head: Pipeline | ReadAnew;
  /** What follows, or all, as far as it is the same for every document. */
  readonly same: Pipeline;
  /** The rest, read anew for each document; undefined: there is none. */
  readonly different: ReadAnew | undefined;
}

/** Reads a pipeline with the variables a document gives. */
export type ReadAnew = (variables: Variables) => Pipeline;

interface LetVariable {
  readonly name: string;
  readonly value: Expression;
}

const fields: ReadonlySet<string> = new Set([
  'from',
  'as',
  'localField',
  'foreignField',
  'let',
  'pipeline',
]);

export function parseLookup(
  argument: Value,
  context: ParseContext,
  place: StagePlace,
): LookupSpecification {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError('FailedToParse', 'the $lookup specification must be an Object');
  }
  const from = readFrom(argument, place);
  const specification = new Specification('$lookup', argument, fields);
  const as = specification.text('as');
  checkFieldPath(as);
  const own = specification.optionalPipeline('pipeline');
  const letSpec = specification.optionalDocument('let');
  const equality = readEquality(specification, own !== undefined, letSpec !== undefined);
  const variables = letSpec === undefined ? [] : readLet(letSpec, context);
  const source = from ?? withoutCollection(place);
  const shape = {
    from: source,
    stages: own ?? [],
    hasEquality: equality !== undefined,
    withoutCollection: from === undefined,
  };
  const parts = readPipeline(shape, variables, context.variables, place);
  return { from: source, as: as.split('.'), equality, let: variables, parts };
}

/** MongoDB looks for this field before it looks at any other. */
function readFrom(argument: Value, place: StagePlace): ForeignNamespace | undefined {
  let from: Value | undefined;
  let stages: readonly Value[] | undefined;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    if (reader.name() === 'from') from ??= reader.value();
    if (reader.name() === 'pipeline') {
      stages = new Specification('$lookup', argument, fields).optionalPipeline('pipeline');
    }
  }
  if (from !== undefined) return foreignFrom(from, place, '$lookup');
  if (stages === undefined) {
    throw new MongoServerError('FailedToParse', "must specify 'pipeline' when 'from' is empty");
  }
  if (startsWithDocuments(stages)) return undefined;
  throw new MongoServerError(
    'FailedToParse',
    '$lookup stage without explicit collection must have a pipeline with $documents as first stage',
  );
}

function withoutCollection({ database }: StagePlace): ForeignNamespace {
  return { name: '$cmd.aggregate', namespace: `${database}.$cmd.aggregate`, stages: [] };
}

function readEquality(
  specification: Specification,
  hasPipeline: boolean,
  hasLet: boolean,
): LookupSpecification['equality'] {
  const local = specification.optionalText('localField') ?? '';
  const foreign = specification.optionalText('foreignField') ?? '';
  if (!hasPipeline && (local === '' || foreign === '')) {
    throw new MongoServerError(
      'FailedToParse',
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  }
  if (!hasPipeline && hasLet) {
    throw new MongoServerError(
      'FailedToParse',
      "$lookup with a 'let' argument must also specify 'pipeline'",
    );
  }
  if ((local === '') !== (foreign === '')) {
    throw new MongoServerError(
      'FailedToParse',
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    );
  }
  if (local === '') return undefined;
  checkFieldPath(local);
  checkFieldPath(foreign);
  return { local: local.split('.'), foreign };
}

/** None of them may name another. */
function readLet(spec: Value, context: ParseContext): LetVariable[] {
  const variables: LetVariable[] = [];
  const reader = new ElementReader(spec.buffer, spec.start);
  while (reader.next()) {
    const name = reader.name();
    checkUserVariableName(name);
    variables.push({ name, value: parseExpression(reader.value(), context) });
  }
  return variables;
}

interface LookupShape {
  readonly from: ForeignNamespace;
  readonly stages: readonly Value[];
  readonly hasEquality: boolean;
  readonly withoutCollection: boolean;
}

/**
 * Checks the pipeline with variables that have no values yet, and so finds the first stage that names
 * one: what stands before it has the same results for every document.
 */
function readPipeline(
  shape: LookupShape,
  variables: readonly LetVariable[],
  around: Variables,
  place: StagePlace,
): () => LookupParts {
  const { from, hasEquality } = shape;
  const unbound = variables.map(({ name }) => [name, new Unbound()] as const);
  const checked = around.with(new Map(unbound));
  const all = [...from.stages, ...shape.stages];
  const headLength = from.stages.length + (shape.withoutCollection ? 1 : 0);
  const options = { inside: '$lookup', withoutCollection: shape.withoutCollection };
  let sameLength = all.length;
  const afterStage = (at: number): void => {
    if (at >= sameLength) return;
    const isDifferent = unbound.some(([, { isUsed }]) => isUsed) || isRandom(all[at]!);
    if (isDifferent) sameLength = at;
  };
  const whole = place.parseInside(all, { ...options, variables: checked, afterStage });
  const read = (from: number, to: number): ReadAnew => {
    const stages = all.slice(from, to);
    return (bound) => place.parseInside(stages, { ...options, variables: bound });
  };
  const start = hasEquality ? headLength : 0;
  const end = Math.max(sameLength, start);
  return () => ({
    head: sameLength < start ? read(0, start) : read(0, start)(around),
    // What is nested deeply must not be read twice on each level.
    same: start === 0 && end === all.length ? whole : read(start, end)(around),
    different: end === all.length ? undefined : read(end, all.length),
  });
}

const randomNames: ReadonlySet<string> = new Set(['$rand', '$sample', '$sampleRate', '$function']);

/** Whether a stage has other results each time it runs. */
function isRandom({ buffer, start }: Value): boolean {
  const reader = new ElementReader(buffer, start);
  while (reader.next()) {
    if (randomNames.has(reader.name())) return true;
    const isNested = reader.type === BsonType.object || reader.type === BsonType.array;
    if (isNested && isRandom(reader.value())) return true;
  }
  return false;
}
