import { BsonType, type Collation, DocumentWriter, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type AccumulatorState,
  type Expression,
  isNumber,
  nullValue,
  ownValue,
  parseExpression,
  Scope,
  type Value,
  ValueMap,
} from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import { type AccumulatedField, parseAccumulatedField } from '../accumulators/accumulated-field.ts';
import type { StageDefinition } from '../pipeline-stage.ts';
import { groupError } from './group-error.ts';

/** Bytes of keys and accumulators a `$group` may hold: its groups are never on disk. */
const groupMemoryLimitBytes = 100 * 1024 * 1024;
const groupOverheadBytes = 200;
const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** Reads everything from below before the first group comes out; groups come in order of first sight. */
class GroupStage extends Stage {
  readonly name = '$group';
  readonly #source: Stage;
  readonly #key: Expression;
  readonly #fields: readonly AccumulatedField[];
  readonly #scope = new Scope(noDocument, 0);
  readonly #groups: ValueMap<AccumulatorState[]>;
  #heldBytes = 0;
  #results: Generator<[Value, AccumulatorState[]]> | undefined;

  constructor(
    source: Stage,
    key: Expression,
    fields: readonly AccumulatedField[],
    collation: Collation | undefined,
  ) {
    super([source]);
    this.#source = source;
    this.#key = key;
    this.#fields = fields;
    this.#groups = new ValueMap(collation);
  }

  work(): WorkResult {
    if (this.#results !== undefined) return this.#pull(this.#results);
    const result = this.#source.work();
    if (result === Work.advanced) this.#tryToAdd();
    else if (result === Work.done) this.#results = this.#groups.entries();
    return Work.needTime;
  }

  override explainCounters(): Record<string, unknown> {
    return { maxAccumulatorMemoryUsageBytes: this.#heldBytes, usedDisk: false, spills: 0 };
  }

  #tryToAdd(): void {
    try {
      this.#add();
    } catch (error) {
      throw groupError(error);
    }
  }

  #add(): void {
    const scope = this.#scope;
    scope.buffer = this.#source.buffer;
    scope.start = this.#source.start;
    scope.metadata = this.#source.metadata;
    const key = this.#key.evaluate(scope) ?? nullValue;
    let states = this.#groups.get(key);
    if (states === undefined) {
      const own = ownValue(key);
      states = this.#start(own);
      this.#groups.set(own, states);
      this.#heldBytes += own.end + groupOverheadBytes;
    }
    const fields = this.#fields;
    for (let at = 0; at < fields.length; at++) {
      const state = states[at]!;
      const before = state.heldBytes;
      const { argument, sortKey } = fields[at]!;
      state.add(argument.evaluate(scope), sortKey?.(scope));
      this.#heldBytes += state.heldBytes - before;
    }
    if (this.#heldBytes > groupMemoryLimitBytes) {
      throw new MongoServerError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        "Exceeded memory limit for $group, but didn't allow external sort. Pass allowDiskUse:true to opt in.",
      );
    }
  }

  #start(key: Value): AccumulatorState[] {
    const isDocument = key.type === BsonType.object;
    const group = new Scope(isDocument ? key.buffer : noDocument, isDocument ? key.start : 0);
    return this.#fields.map((field) => field.start(group));
  }

  #pull(results: Generator<[Value, AccumulatorState[]]>): WorkResult {
    const next = results.next();
    if (next.done === true) {
      this.stats.isEof = true;
      return Work.done;
    }
    const [key, states] = next.value;
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.raw('_id', key);
    for (let at = 0; at < states.length; at++) {
      writer.raw(this.#fields[at]!.name, states[at]!.result());
    }
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }
}

/** `$group`: one document for each distinct `_id`, with the results of the accumulators. */
export const group: StageDefinition = {
  name: '$group',
  parse(argument, context) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(15947, "a group's fields must be specified in an object");
    }
    let key: Expression | undefined;
    const fields: AccumulatedField[] = [];
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const name = reader.name();
      if (name === '_id') {
        if (key !== undefined) {
          throw new MongoServerError(15948, "a group's _id may only be specified once");
        }
        const id = reader.value();
        checkKey(id);
        key = parseExpression(id, context);
      } else fields.push(parseAccumulatedField(name, reader.value(), context));
    }
    if (key === undefined) {
      throw new MongoServerError(15955, 'a group specification must include an _id');
    }
    const groupKey = key;
    return {
      name: '$group',
      argument,
      build: (source) => new GroupStage(source!, groupKey, fields, context.variables.collation),
    };
  },
};

/** A document of fields has expressions for values, and names that are no paths. */
function checkKey(id: Value): void {
  if (id.type !== BsonType.object) return;
  const reader = new ElementReader(id.buffer, id.start);
  while (reader.next()) {
    const name = reader.name();
    if (name.startsWith('$')) return;
    if (name === '') {
      throw new MongoServerError(15998, 'FieldPath field names may not be empty strings.');
    }
    const value = reader.value();
    if (isNumber(value) || value.type === BsonType.bool) {
      throw new MongoServerError(17390, '$group does not support inclusion-style expressions');
    }
  }
}
