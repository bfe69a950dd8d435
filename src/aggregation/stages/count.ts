import { BsonType, DocumentWriter } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { countValue, textOf } from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

/** Counts what comes from below without looking at it. */
class CountStage extends Stage {
  readonly name = '$count';
  readonly #source: Stage;
  readonly #field: string;
  #count = 0;
  #isDone = false;

  constructor(source: Stage, field: string) {
    super([source]);
    this.#source = source;
    this.#field = field;
  }

  work(): WorkResult {
    if (this.#isDone) return Work.done;
    const result = this.#source.work();
    if (result === Work.advanced) this.#count++;
    if (result !== Work.done) return Work.needTime;
    this.#isDone = true;
    if (this.#count === 0) return Work.done;
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.raw(this.#field, countValue(this.#count));
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }
}

/** `$count`: one document with the number of documents; none when there were none. */
export const count: StageDefinition = {
  name: '$count',
  parse(argument) {
    if (argument.type !== BsonType.string) {
      throw new MongoServerError(40156, 'the count field must be a non-empty string');
    }
    const field = textOf(argument);
    if (field === '')
      throw new MongoServerError(40156, 'the count field must be a non-empty string');
    if (field.startsWith('$')) {
      throw new MongoServerError(40158, 'the count field cannot be a $-prefixed path');
    }
    if (field.includes('\0')) {
      throw new MongoServerError(40159, 'the count field cannot contain a null byte');
    }
    if (field.includes('.'))
      throw new MongoServerError(40160, "the count field cannot contain '.'");
    return { name: '$count', argument, build: (source) => new CountStage(source!, field) };
  },
};
