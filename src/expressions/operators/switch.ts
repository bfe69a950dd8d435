import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type Expression,
  type ParseContext,
  type ParseExpression,
  Scope,
  type SpecialOperator,
} from '../expression.ts';
import { isTruthy, type Value } from '../value.ts';

const noScope = new Scope(Buffer.from([5, 0, 0, 0, 0]), 0);

interface Branch {
  readonly test: Expression;
  readonly then: Expression;
}

/**
 * Constants of branches that can not be reached are never evaluated: `context` is for a branch that may
 * be, behind the branches before it.
 */
function parseBranch(value: Value, context: ParseContext, parse: ParseExpression): Branch {
  if (value.type !== BsonType.object) {
    throw new MongoServerError(40062, '$switch expected each branch to be an object');
  }
  let condition: Value | undefined;
  let result: Value | undefined;
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const name = reader.name();
    if (name === 'case') condition = reader.value();
    else if (name === 'then') result = reader.value();
    else
      throw new MongoServerError(40063, `$switch found an unknown argument to a branch: ${name}`);
  }
  if (condition === undefined) {
    throw new MongoServerError(40064, "$switch requires each branch have a 'case' expression");
  }
  if (result === undefined) {
    throw new MongoServerError(40065, "$switch requires each branch have a 'then' expression.");
  }
  const test = parse(condition, context);
  const then = parse(result, isNever(test) ? context.withoutFolding() : context);
  return { test, then };
}

function isNever(test: Expression): boolean {
  return test.isConstant && !isTruthy(test.evaluate(noScope));
}

function isAlways(test: Expression): boolean {
  return test.isConstant && isTruthy(test.evaluate(noScope));
}

/** `$switch`: the first branch whose case is true, else the default. */
export const switchOperator: SpecialOperator = {
  kind: 'special',
  name: '$switch',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(40060, '$switch requires an object as an argument');
    }
    const branches: Branch[] = [];
    let otherwise: Expression | undefined;
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const name = reader.name();
      if (name === 'branches') {
        if (reader.type !== BsonType.array) {
          throw new MongoServerError(40061, "$switch expected an array for 'branches'");
        }
        const items = new ElementReader(argument.buffer, reader.start);
        let reached = context;
        while (items.next()) {
          const branch = parseBranch(items.value(), reached, parse);
          branches.push(branch);
          if (isAlways(branch.test)) reached = context.withoutFolding();
        }
      } else if (name === 'default') otherwise = parse(reader.value(), context);
      else throw new MongoServerError(40067, `$switch found an unknown argument: ${name}`);
    }
    if (branches.length === 0) {
      throw new MongoServerError(40068, '$switch requires at least one branch.');
    }
    if (otherwise === undefined && branches.every(({ test }) => isNever(test))) {
      throw new MongoServerError(
        40069,
        `${context.foldingPrefix ?? ''}One cannot execute a switch statement where all the cases evaluate to false without a default.`,
      );
    }
    return {
      isConstant: false,
      evaluate: (scope) => {
        for (const branch of branches) {
          if (isTruthy(branch.test.evaluate(scope))) return branch.then.evaluate(scope);
        }
        if (otherwise === undefined) {
          throw new MongoServerError(
            40066,
            '$switch could not find a matching branch for an input, and no default was specified.',
          );
        }
        return otherwise.evaluate(scope);
      },
    };
  },
};
