import { BsonType, DocumentWriter, ElementReader, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  documentValue,
  type Expression,
  parseExpression,
  Scope,
  textOf,
  textValue,
  type Value,
} from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

type Verdict = 'descend' | 'prune' | 'keep';

const verdicts: readonly Verdict[] = ['descend', 'prune', 'keep'];
const verdictValues = verdicts.map((verdict) => textValue(verdict));
const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** Slots of the variables that only this stage sets. */
interface RedactSlots {
  readonly current: number;
  /** `$$DESCEND`, `$$PRUNE`, `$$KEEP`, as `verdicts` has them. */
  readonly verdicts: readonly number[];
}

/** Asks an expression of each document, and of those inside that it descends to. */
class RedactStage extends Stage {
  readonly name = '$redact';
  readonly #source: Stage;
  readonly #expression: Expression;
  readonly #currentSlot: number;
  readonly #scope = new Scope(noDocument, 0);
  readonly #writer = new DocumentWriter();

  constructor(source: Stage, expression: Expression, slots: RedactSlots) {
    super([source]);
    this.#source = source;
    this.#expression = expression;
    this.#currentSlot = slots.current;
    slots.verdicts.forEach((slot, at) => {
      this.#scope.variables[slot] = verdictValues[at];
    });
  }

  work(): WorkResult {
    const source = this.#source;
    const result = source.work();
    if (result !== Work.advanced) return result;
    const scope = this.#scope;
    scope.buffer = source.buffer;
    scope.start = source.start;
    scope.metadata = source.metadata;
    const root = documentValue(source.buffer, source.start);
    const verdict = this.#judge(root);
    if (verdict === 'prune') return Work.needTime;
    this.take(source);
    if (verdict === 'descend') {
      const writer = this.#writer;
      writer.reset();
      writer.startDocument();
      this.#writeFields(root);
      writer.end();
      this.buffer = writer.finish();
      this.start = 0;
    }
    this.stats.advanced++;
    return Work.advanced;
  }

  #judge(document: Value): Verdict {
    this.#scope.variables[this.#currentSlot] = document;
    const value = this.#expression.evaluate(this.#scope);
    const text = value?.type === BsonType.string ? textOf(value) : '';
    const verdict = verdicts.find((one) => one === text);
    if (verdict !== undefined) return verdict;
    throw new MongoServerError(
      17053,
      `$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE, but returned ${value === undefined ? 'MISSING' : valueText(value)}`,
    );
  }

  #writeFields(document: Value): void {
    const writer = this.#writer;
    const reader = new ElementReader(document.buffer, document.start);
    while (reader.next()) {
      if (reader.type !== BsonType.object && reader.type !== BsonType.array) {
        writer.element(document.buffer, reader.elementStart, reader.end);
      } else this.#writeContainer(reader.name(), reader.value());
    }
  }

  /** The elements that are left close ranks. */
  #writeElements(array: Value): void {
    const reader = new ElementReader(array.buffer, array.start);
    let index = 0;
    while (reader.next()) {
      if (this.#writeContainer(String(index), reader.value())) index++;
    }
  }

  /** False: the value is left out. */
  #writeContainer(name: string, value: Value): boolean {
    const writer = this.#writer;
    if (value.type === BsonType.array) {
      writer.startArray(name);
      this.#writeElements(value);
      writer.end();
      return true;
    }
    const verdict = value.type === BsonType.object ? this.#judge(value) : 'keep';
    if (verdict === 'prune') return false;
    if (verdict === 'keep') writer.raw(name, value);
    else {
      writer.startObject(name);
      this.#writeFields(value);
      writer.endObject();
    }
    return true;
  }
}

/** `$redact`: keeps or prunes documents, and those inside them, as an expression says. */
export const redact: StageDefinition = {
  name: '$redact',
  parse(argument, context) {
    const { context: inner, slots } = context.with(['CURRENT', 'DESCEND', 'PRUNE', 'KEEP']);
    const [current, ...rest] = slots;
    const expression = parseExpression(argument, inner);
    return {
      name: '$redact',
      argument,
      build: (source) =>
        new RedactStage(source!, expression, { current: current!, verdicts: rest }),
    };
  },
};
