/** `$where`: documents that a client's function calls true. Source: manual, "$where". */
import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Scripts } from '../../expressions/index.ts';
import type { WhereNode } from '../filter-node.ts';

/** Without scripts the server runs no JavaScript. */
export function parseWhere(value: RawValue, scripts: Scripts | undefined): WhereNode {
  const { buffer, type, start, end } = value;
  if (type === BsonType.javascriptWithScope) {
    throw new MongoServerError(
      4649201,
      '$where no longer supports deprecated BSON type CodeWScope',
    );
  }
  if (type !== BsonType.string && type !== BsonType.javascript) {
    throw new MongoServerError('BadValue', '$where got bad type');
  }
  const source = buffer.toString('utf8', start + 4, end - 1);
  if (source === '') throw new MongoServerError('BadValue', 'code for $where cannot be empty');
  if (scripts === undefined) {
    throw new MongoServerError(6108304, 'no globalScriptEngine in $where parsing');
  }
  const code = { buffer, type: BsonType.javascript, start, end };
  return { kind: 'where', code, run: scripts.compile(source) };
}
