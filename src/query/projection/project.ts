import { BsonType, DocumentWriter, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ParseContext, Transform, WriteChanged } from '../../expressions/index.ts';
import { parseProjectionTree } from './parse-projection.ts';
import { Projection } from './projection.ts';

/** `$project`: either what is kept and computed, or what is left out. */
export const project: Transform = {
  name: '$project',
  parse(argument, context) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(15969, '$project specification must be an object');
    }
    if (argument.end - argument.start === 5) {
      throw new MongoServerError(
        51272,
        'Invalid $project :: caused by :: projection specification must have at least one field',
      );
    }
    return projecting('$project', argument, context);
  },
};

/** `$unset`: leaves out the named fields. */
export function leavingOut(paths: readonly string[], context: ParseContext): WriteChanged {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const path of paths) writer.bool(path, false);
  writer.end();
  const buffer = writer.finish();
  const spec = { buffer, type: BsonType.object, start: 0, end: buffer.length };
  return projecting('$unset', spec, context);
}

function projecting(stage: string, spec: RawValue, context: ParseContext): WriteChanged {
  const projection = new Projection(parsed(stage, spec, context), undefined);
  return (writer, buffer, start, { metadata }) =>
    projection.writeFields(buffer, start, writer, metadata);
}

function parsed(stage: string, spec: RawValue, context: ParseContext) {
  try {
    return parseProjectionTree(spec.buffer, spec.start, { context, isOfPipeline: true });
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    throw new MongoServerError(error.code, `Invalid ${stage} :: caused by :: ${error.message}`);
  }
}
