import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type Expression,
  FieldTree,
  isNumber,
  isTruthy,
  parseExpression,
  splitPath,
  type Value,
} from '../../expressions/index.ts';

import type { PipelineStage, StageDefinition } from '../pipeline-stage.ts';

import { Transform } from './transform.ts';

interface Rule {
  readonly path: string;
  readonly rule: 'keep' | 'drop' | Expression;
}

/** `$project`: either what is kept and computed, or what is left out. */
export const project: StageDefinition = {
  name: '$project',
  parse(argument) {
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
    collect(argument, '', rules, 0);
    return projectStage('$project', argument, rules);
  },
};

/** A stage from flat rules; also `$unset`. */
export function projectStage(name: string, argument: Value, rules: readonly Rule[]): PipelineStage {
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
  return {
    name,
    argument,
    build: (source, context) =>
      new Transform(
        name,
        source!,
        (writer, buffer, start, scope) => tree.write(writer, buffer, start, scope),
        context.now,
      ),
  };
}

function collect(object: Value, prefix: string, rules: Rule[], depth: number): void {
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
      collect(value, `${path}.`, rules, depth + 1);
    } else rules.push({ path, rule: parseExpression(value) });
  }
}

function isOperator(value: Value): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  return reader.next() && reader.name().startsWith('$');
}
