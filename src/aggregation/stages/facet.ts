import { BsonType, DocumentWriter, documentEnd, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf, splitPath, typeName, type Value } from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import type { Pipeline } from '../pipeline.ts';
import { explainStages } from '../pipeline.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

/** Input held for the facets at a time: documents, and bytes of them. */
const batchDocumentsMax = 1000;
const batchBytesMax = 1024 * 1024;
/** Bytes of the results of all facets (MongoDB: internalQueryFacetMaxOutputDocSizeBytes). */
const resultBytesMax = 100 * 1024 * 1024;

const emptyDocumentLength = 5;

interface InputDocument {
  readonly buffer: Buffer;
  readonly metadata: Stage['metadata'];
}

/** The part of the input that is there, for one facet. */
class FacetInput extends Stage {
  readonly name = 'FACET_INPUT';
  readonly #batch: readonly InputDocument[];
  #next = 0;
  /** No further documents will come. */
  isLast = false;
  /** The facet has asked for more than there is. */
  isStarved = false;

  constructor(batch: readonly InputDocument[]) {
    super([]);
    this.#batch = batch;
  }

  /** The batch has been filled anew. */
  rewind(): void {
    this.#next = 0;
    this.isStarved = false;
  }

  work(): WorkResult {
    const document = this.#batch[this.#next];
    if (document === undefined) {
      this.isStarved = true;
      return this.isLast ? Work.done : Work.needTime;
    }
    this.#next++;
    this.buffer = document.buffer;
    this.start = 0;
    this.metadata = document.metadata;
    this.stats.advanced++;
    return Work.advanced;
  }
}

/** A facet while it runs: its pipeline above its input, and the array of what has come out. */
class RunningFacet {
  readonly input: FacetInput;
  readonly root: Stage;
  readonly results = new DocumentWriter();
  readonly #name: string;
  #count = 0;
  isDone = false;

  constructor(name: string, batch: readonly InputDocument[], build: (input: Stage) => Stage) {
    this.#name = name;
    this.input = new FacetInput(batch);
    this.root = build(this.input);
    this.results.startDocument();
  }

  /** Answers the bytes of a result that has come out. */
  step(): number {
    const { root } = this;
    const result = root.work();
    if (result === Work.done) this.isDone = true;
    if (result !== Work.advanced) return 0;
    const end = documentEnd(root.buffer, root.start);
    this.results.rawBytes(String(this.#count++), BsonType.object, root.buffer, root.start, end);
    return end - root.start;
  }

  writeTo(writer: DocumentWriter): void {
    this.results.end();
    const buffer = this.results.finish();
    writer.rawBytes(this.#name, BsonType.array, buffer, 0, buffer.length);
  }
}

/** Gives its input to all facets, a part at a time, and has one result. */
class FacetStage extends Stage {
  readonly name = '$facet';
  readonly #source: Stage;
  readonly #batch: InputDocument[];
  readonly #facets: readonly RunningFacet[];
  #batchBytes = 0;
  #resultBytes = 0;
  #sourceIsDone = false;
  /** The facet that is at work on the batch; undefined while the batch is filled. */
  #at: number | undefined;
  #isDone = false;

  constructor(source: Stage, batch: InputDocument[], facets: readonly RunningFacet[]) {
    super([source, ...facets.map(({ root }) => root)]);
    this.#source = source;
    this.#batch = batch;
    this.#facets = facets;
  }

  work(): WorkResult {
    if (this.#isDone) return Work.done;
    if (this.#at === undefined) this.#fill();
    else if (this.#at < this.#facets.length) this.#run(this.#facets[this.#at]!);
    else if (this.#facets.every(({ isDone }) => isDone)) return this.#emit();
    else {
      this.#batch.length = 0;
      this.#batchBytes = 0;
      this.#at = undefined;
    }
    return Work.needTime;
  }

  #fill(): void {
    const source = this.#source;
    const result = source.work();
    if (result === Work.advanced) {
      const end = documentEnd(source.buffer, source.start);
      const buffer = Buffer.from(source.buffer.subarray(source.start, end));
      this.#batch.push({ buffer, metadata: source.metadata });
      this.#batchBytes += buffer.length;
    } else if (result === Work.done) this.#sourceIsDone = true;
    const isFull = this.#batch.length >= batchDocumentsMax || this.#batchBytes >= batchBytesMax;
    if (!isFull && !this.#sourceIsDone) return;
    this.#at = 0;
    for (const { input } of this.#facets) {
      input.rewind();
      input.isLast = this.#sourceIsDone;
    }
  }

  #run(facet: RunningFacet): void {
    if (!facet.isDone) this.#resultBytes += facet.step();
    if (this.#resultBytes > resultBytesMax) {
      throw new MongoServerError(
        4031700,
        `document constructed by $facet is ${this.#resultBytes} bytes, which exceeds the limit of ${resultBytesMax} bytes`,
      );
    }
    if (facet.isDone || (facet.input.isStarved && !facet.input.isLast)) this.#at! += 1;
  }

  #emit(): WorkResult {
    this.#isDone = true;
    const writer = new DocumentWriter();
    writer.startDocument();
    for (const facet of this.#facets) facet.writeTo(writer);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }
}

/** `$facet`: several pipelines over the same documents, each in a field of one result. */
export const facet: StageDefinition = {
  name: '$facet',
  parse(argument, { variables, metaWords }, place) {
    const facets = new Map<string, Pipeline>();
    for (const [name, stages] of parseFacets(argument)) {
      const inside = { inside: '$facet', variables, overDocuments: true };
      const pipeline = place.parseInside(stages, inside);
      for (const word of pipeline.metaWords) metaWords.add(word);
      facets.set(name, pipeline);
    }
    return {
      name: '$facet',
      argument,
      build(source, context) {
        const batch: InputDocument[] = [];
        const running = [...facets].map(
          ([name, pipeline]) =>
            new RunningFacet(name, batch, (input) => pipeline.buildAbove(input, context)),
        );
        return new FacetStage(source!, batch, running);
      },
      explain: () => ({
        $facet: Object.fromEntries(
          [...facets].map(([name, { stages }]) => [name, explainStages(stages)]),
        ),
      }),
    };
  },
};

/** The stages by the name of the facet. Throws 40169, 40170, 40171 and what is wrong with a name. */
function parseFacets(argument: Value): Map<string, readonly Value[]> {
  const facets = new Map<string, readonly Value[]>();
  if (argument.type === BsonType.object) {
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const name = reader.name();
      checkName(name);
      const value = reader.value();
      if (value.type !== BsonType.array) {
        throw new MongoServerError(
          40170,
          `arguments to $facet must be arrays, ${name} is type ${typeName(value)}`,
        );
      }
      facets.set(
        name,
        elementsOf(value).map((stage) => checkedStage(name, stage)),
      );
    }
  }
  if (facets.size > 0) return facets;
  throw new MongoServerError(40169, 'the $facet specification must be a non-empty object');
}

/** Throws unless the name is one of a field of a document's top. */
function checkName(name: string): void {
  if (name === '') {
    throw new MongoServerError(15998, 'FieldPath field names may not be empty strings.');
  }
  if (name.includes('.')) {
    throw new MongoServerError(
      16412,
      "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
    );
  }
  splitPath(name);
}

function checkedStage(facet: string, stage: Value): Value {
  const isFilled = stage.type === BsonType.object && stage.end - stage.start > emptyDocumentLength;
  if (isFilled) return stage;
  throw new MongoServerError(
    40171,
    `elements of arrays in $facet spec must be non-empty objects, ${facet} argument contained an element of type ${typeName(stage)}`,
  );
}
