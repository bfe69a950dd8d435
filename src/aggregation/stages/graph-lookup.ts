import { BsonType, DocumentWriter, decodeValue, documentEnd, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  elementsOf,
  longValue,
  ownValue,
  Scope,
  type Value,
  ValueMap,
} from '../../expressions/index.ts';
import { type Stage, Work, type WorkResult } from '../../plan/index.ts';
import { EqualityJoin } from '../equality-join.ts';
import { valuesAt } from '../equality-keys.ts';
import { writeWith } from '../nested-field.ts';
import { Pipeline } from '../pipeline.ts';
import type {
  PipelineContext,
  PipelineStage,
  StageDefinition,
  UnwindOptions,
} from '../pipeline-stage.ts';
import { explainExamined } from './foreign.ts';
import { type GraphLookupSpecification, parseGraphLookup } from './graph-lookup-specification.ts';
import { type Joining, JoiningStage } from './joining.ts';
import { matchStage } from './match.ts';
import { explainUnwind, isUnwindOf } from './unwind-joined.ts';

/** Bytes of documents and values one search may hold (MongoDB: internalDocumentSourceGraphLookupMaxMemoryBytes). */
const searchBytesMax = 100 * 1024 * 1024;

/**
 * Searches in breadth from the values each document starts with: one query a level for all values that
 * level has led to. A document is found once, at the lowest depth, and comes out in the order of finding.
 */
class GraphLookupStage extends JoiningStage {
  readonly #specification: GraphLookupSpecification;
  readonly #join: EqualityJoin;
  readonly #collation: Pipeline['collation'];
  readonly #writer = new DocumentWriter();
  /** By `_id`, which tells documents apart by the order of bytes. */
  #found = new ValueMap<Buffer>();
  #asked = new ValueMap<true>();
  #frontier: Value[] = [];
  #depth = 0;
  #bytes = 0;
  #results: Iterator<Buffer> | undefined;

  constructor(
    source: Stage,
    joining: Joining,
    specification: GraphLookupSpecification,
    join: EqualityJoin,
    collation: Pipeline['collation'],
  ) {
    super(source, joining);
    this.#specification = specification;
    this.#join = join;
    this.#collation = collation;
  }

  protected search(document: Buffer): void {
    this.#found = new ValueMap();
    this.#asked = new ValueMap(this.#collation);
    this.#frontier = [];
    this.#depth = 0;
    this.#bytes = 0;
    this.#results = undefined;
    const value = this.#specification.startWith.evaluate(new Scope(document, 0));
    if (value?.type === BsonType.array) for (const one of elementsOf(value)) this.#lead(one);
    else if (value !== undefined) this.#lead(value);
    this.#goOn();
  }

  protected step(): WorkResult {
    if (this.#results !== undefined) {
      const next = this.#results.next();
      return next.done === true ? this.finish() : this.joined(next.value, 0);
    }
    const inner = this.inner!;
    const result = inner.work();
    if (result === Work.advanced) this.#visit(inner.buffer, inner.start);
    else if (result === Work.done) {
      this.end();
      this.#depth += 1;
      this.#goOn();
    }
    return Work.needTime;
  }

  /** The next level, or the results. */
  #goOn(): void {
    const { maxDepth } = this.#specification;
    const isDeepEnough = maxDepth !== undefined && this.#depth > maxDepth;
    if (isDeepEnough || this.#frontier.length === 0) this.#results = this.#found.values();
    else this.begin(this.#join.open(this.#frontier.splice(0), undefined));
  }

  #visit(buffer: Buffer, start: number): void {
    const id = findField(buffer, start, '_id');
    if (id === undefined) {
      const { namespace } = this.#specification.from;
      throw new MongoServerError(
        40271,
        `Documents in the '${namespace}' namespace must contain an _id for de-duplication in $graphLookup`,
      );
    }
    if (this.#found.get(id) !== undefined) return;
    const document = this.#withDepth(buffer, start);
    this.#found.set(ownValue(id), document);
    this.#hold(document.length);
    for (const value of valuesAt(buffer, start, this.#specification.connectFrom)) this.#lead(value);
  }

  #withDepth(buffer: Buffer, start: number): Buffer {
    const { depthField } = this.#specification;
    if (depthField === undefined) {
      return Buffer.from(buffer.subarray(start, documentEnd(buffer, start)));
    }
    const writer = this.#writer;
    writer.startDocument();
    writeWith(writer, buffer, start, depthField, longValue(BigInt(this.#depth)), true);
    writer.end();
    return writer.finish();
  }

  /** Asks for a value on the next level, unless that was done: it would find what is found already. */
  #lead(value: Value): void {
    if (this.#asked.get(value) === true) return;
    const own = ownValue(value);
    this.#asked.set(own, true);
    this.#frontier.push(own);
    this.#hold(own.end);
  }

  #hold(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < searchBytesMax) return;
    throw new MongoServerError(40099, '$graphLookup reached maximum memory consumption');
  }
}

/** `$graphLookup`: adds to each document what can be reached from it, step by step. */
export const graphLookup: StageDefinition = {
  name: '$graphLookup',
  parse(argument, context, place) {
    const specification = parseGraphLookup(argument, context, place);
    const { from, restriction } = specification;
    const { variables } = context;
    const head = place.parseInside(from.stages, { inside: '$graphLookup', variables });
    const searched =
      restriction === undefined
        ? head
        : new Pipeline([...head.stages, matchStage(restriction)], head.metaWords, head.collation);
    return graphLookupStage(argument, specification, searched, undefined);
  },
};

function graphLookupStage(
  argument: Value,
  specification: GraphLookupSpecification,
  head: Pipeline,
  unwind: UnwindOptions | undefined,
): PipelineStage {
  const { from, as, connectTo } = specification;
  const joining = { name: '$graphLookup', from: from.name, as, unwind };
  const joined = { namespace: from.namespace, head, path: connectTo, stage: '$graphLookup' };
  return {
    name: '$graphLookup',
    argument,
    build(source, context: PipelineContext) {
      const join = new EqualityJoin(joined, context);
      return new GraphLookupStage(source!, joining, specification, join, head.collation);
    },
    withUnwind(next) {
      if (unwind !== undefined || !isUnwindOf(next, as)) return undefined;
      return graphLookupStage(argument, specification, head, next);
    },
    explain: (built) => ({
      $graphLookup: { ...(decodeValue(argument) as object), ...explainUnwind(unwind) },
      ...explainExamined(built),
    }),
  };
}
