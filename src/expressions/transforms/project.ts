import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Expression, ParseContext } from '../expression.ts';
import { splitPath } from '../field-path.ts';
import { FieldTree } from '../field-tree.ts';
import { parseExpression } from '../parse.ts';
import { isNumber, isTruthy, type Value } from '../value.ts';
import type { Transform, WriteChanged } from './transform.ts';

interface Rule {
  readonly path: string;
  readonly rule: 'keep' | 'drop' | Expression;
}

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
    const rules: Rule[] = [];
    collect(argument, '', rules, 0, context);
    return projectBy(rules);
  },
};

/** From flat rules; also `$unset`. */
export function projectBy(rules: readonly Rule[]): WriteChanged {
  const idRule = rules.find((rule) => rule.path === '_id');
  const others = rules.filter((rule) => rule !== idRule);
  const firstKind = others.length > 0 ? others[0]! : idRule!;
  const isExclusion = firstKind.rule === 'drop';
  for (const other of others) {
    const drops = other.rule === 'drop';
    if (drops !== isExclusion) {
      throw drops
        ? new MongoServerError(
            31254,
            `Invalid $project :: caused by :: Cannot do exclusion on field ${other.path} in inclusion projection`,
          )
        : new MongoServerError(
            31253,
            `Invalid $project :: caused by :: Cannot do inclusion on field ${other.path} in exclusion projection`,
          );
    }
  }
  const tree = new FieldTree(isExclusion);
  if (idRule === undefined) {
    const belowId = others.some((rule) => rule.path.startsWith('_id.'));
    if (!isExclusion && !belowId) tree.set(['_id'], 'keep');
  } else if (!(isExclusion && idRule.rule === 'keep')) tree.set(['_id'], idRule.rule);
  for (const { path, rule } of others) tree.set(splitPath(path), rule);
  return (writer, buffer, start, scope) => tree.write(writer, buffer, start, scope);
}

function collect(
  object: Value,
  prefix: string,
  rules: Rule[],
  depth: number,
  context: ParseContext,
): void {
  if (depth > 200) throw new MongoServerError('Overflow', 'the projection is nested too deeply');
  const reader = new ElementReader(object.buffer, object.start);
  while (reader.next()) {
    const path = prefix + reader.name();
    const value = reader.value();
    if (value.type === BsonType.bool || isNumber(value)) {
      rules.push({ path, rule: isTruthy(value) ? 'keep' : 'drop' });
    } else if (value.type === BsonType.object && !isOperator(value)) {
      if (value.end - value.start === 5) {
        throw new MongoServerError(
          51270,
          'Invalid $project :: caused by :: An empty sub-projection is not a valid value. Found empty object at path',
        );
      }
      collect(value, `${path}.`, rules, depth + 1, context);
    } else rules.push({ path, rule: parseExpression(value, context) });
  }
}

function isOperator(value: Value): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  return reader.next() && reader.name().startsWith('$');
}
