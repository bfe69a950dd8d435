import { BsonType, DocumentWriter, ElementReader } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  checkUserVariableName,
  type Expression,
  type ParseContext,
  parseExpression,
  Scope,
  textOf,
  typeName,
  type Value,
} from '../../../expressions/index.ts';

/** What the pipeline of a `$merge` may name: `$$new`, the document that came, and those of `let`. */
export interface MergeConstants {
  /** As the `c` of an update: what is missing is left out. */
  of(document: Buffer): Buffer;
}

/** Undefined: there is no `let`. */
export function readLet(value: Value | undefined): Value | undefined {
  if (value === undefined || value.type === BsonType.null || value.type === BsonType.undefined) {
    return undefined;
  }
  if (value.type === BsonType.object) return value;
  throw new MongoServerError(
    'TypeMismatch',
    `BSON field '$merge.let' is the wrong type '${typeName(value)}', expected type 'object'`,
  );
}

export function constantsOf(spec: Value | undefined, context: ParseContext): MergeConstants {
  const expressions = new Map<string, Expression>();
  const reader = spec && new ElementReader(spec.buffer, spec.start);
  while (reader?.next()) {
    const name = reader.name();
    const value = reader.value();
    checkUserVariableName(name);
    if (name === 'new' && !(value.type === BsonType.string && textOf(value) === '$$ROOT')) {
      throw new MongoServerError(
        51273,
        "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'",
      );
    }
    expressions.set(name, parseExpression(value, context));
  }
  return {
    of(document) {
      const scope = new Scope(document, 0);
      const writer = new DocumentWriter();
      writer.startDocument();
      if (!expressions.has('new')) {
        writer.rawBytes('new', BsonType.object, document, 0, document.length);
      }
      for (const [name, expression] of expressions) {
        const computed = expression.evaluate(scope);
        if (computed !== undefined) writer.raw(name, computed);
      }
      writer.end();
      return writer.finish();
    },
  };
}
