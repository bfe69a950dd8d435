/** An update by an aggregation pipeline, of the stages that change one document at a time. */
import { BsonType, DocumentWriter, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { ParseContext, Scope, type Variables, type WriteChanged } from '../../expressions/index.ts';

import { documentStages } from '../document-stages.ts';

/** The document that comes out, for one that goes in. */
export type UpdatePipeline = (document: Buffer) => Buffer;

/** MongoDB's internalPipelineLengthLimit. */
const maxStages = 1000;
const byName = new Map(documentStages.map((transform) => [transform.name, transform]));
const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** Reads and checks all stages; `pipeline` is an array that stays as long as the result. */
export function parseUpdatePipeline(pipeline: RawValue, variables: Variables): UpdatePipeline {
  const context = ParseContext.ofUpdate(variables);
  const changes: WriteChanged[] = [];
  const stages = new ElementReader(pipeline.buffer, pipeline.start);
  while (stages.next()) {
    if (stages.type !== BsonType.object) {
      throw new MongoServerError(
        'TypeMismatch',
        "Each element of the 'pipeline' array must be an object",
      );
    }
    changes.push(parseStage(stages.value(), context));
    if (changes.length > maxStages) {
      throw new MongoServerError(
        7749501,
        `Pipeline length must be no longer than ${maxStages} stages`,
      );
    }
  }
  const scope = new Scope(noDocument, 0);
  const writer = new DocumentWriter();
  return (document) => {
    let current = document;
    for (const change of changes) {
      scope.buffer = current;
      writer.reset();
      writer.startDocument();
      change(writer, current, 0, scope);
      writer.end();
      current = writer.finish();
    }
    return current;
  };
}

function parseStage(spec: RawValue, context: ParseContext): WriteChanged {
  const reader = new ElementReader(spec.buffer, spec.start);
  const isEmpty = !reader.next();
  const name = isEmpty ? '' : reader.name();
  const argument = isEmpty ? undefined : reader.value();
  if (argument === undefined || reader.next()) {
    throw new MongoServerError(
      40323,
      'A pipeline stage specification object must contain exactly one field.',
    );
  }
  const transform = byName.get(name);
  if (transform !== undefined) return transform.parse(argument, context);
  if (!otherStages.has(name)) {
    throw new MongoServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
  throw new MongoServerError(
    'InvalidOptions',
    `${name} is not allowed to be used within an update`,
  );
}

/** Stages of aggregations that are not allowed here; another name is no stage at all. */
const otherStages: ReadonlySet<string> = new Set([
  '$bucket',
  '$bucketAuto',
  '$changeStream',
  '$changeStreamSplitLargeEvent',
  '$collStats',
  '$count',
  '$currentOp',
  '$densify',
  '$documents',
  '$facet',
  '$fill',
  '$geoNear',
  '$graphLookup',
  '$group',
  '$indexStats',
  '$limit',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listSearchIndexes',
  '$listSessions',
  '$lookup',
  '$match',
  '$merge',
  '$out',
  '$planCacheStats',
  '$querySettings',
  '$redact',
  '$sample',
  '$search',
  '$searchMeta',
  '$setWindowFields',
  '$shardedDataDistribution',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unionWith',
  '$unwind',
  '$vectorSearch',
]);
