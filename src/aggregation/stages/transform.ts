import { DocumentWriter } from '../../bson/index.ts';
import { Scope, type Transform, type WriteChanged } from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** One document in, one document out. */
class TransformStage extends Stage {
  readonly name: string;
  readonly #source: Stage;
  readonly #change: WriteChanged;
  readonly #scope = new Scope(noDocument, 0);
  readonly #writer = new DocumentWriter();

  constructor(name: string, source: Stage, change: WriteChanged) {
    super([source]);
    this.name = name;
    this.#source = source;
    this.#change = change;
  }

  work(): WorkResult {
    const source = this.#source;
    const result = source.work();
    if (result !== Work.advanced) return result;
    const scope = this.#scope;
    scope.buffer = source.buffer;
    scope.start = source.start;
    scope.metadata = source.metadata;
    const writer = this.#writer;
    writer.reset();
    writer.startDocument();
    this.#change(writer, source.buffer, source.start, scope);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.recordId = source.recordId;
    this.metadata = source.metadata;
    this.stats.advanced++;
    return Work.advanced;
  }
}

/** A stage of a pipeline that changes each document by itself. */
export function transformStage({ name, parse }: Transform): StageDefinition {
  return {
    name,
    parse(argument, context) {
      const change = parse(argument, context);
      return { name, argument, build: (source) => new TransformStage(name, source!, change) };
    },
  };
}
