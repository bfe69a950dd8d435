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

function parseBranch(value: Value, context: ParseContext, parse: ParseExpression): Branch {
  if (value.type !== BsonType.object) {
    throw new MongoServerError(40062, '$switch expected each branch to be an object');
  }
  let test: Expression | undefined;
  let then: Expression | undefined;
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const name = reader.name();
    if (name === 'case') test = parse(reader.value(), context);
    else if (name === 'then') then = parse(reader.value(), context);
    else
      throw new MongoServerError(40063, `$switch found an unknown argument to a branch: ${name}`);
  }
  if (test === undefined) {
    throw new MongoServerError(40064, "$switch requires each branch have a 'case' expression");
  }
  if (then === undefined) {
    throw new MongoServerError(40065, "$switch requires each branch have a 'then' expression.");
  }
  return { test, then };
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
        while (items.next()) branches.push(parseBranch(items.value(), context, parse));
      } else if (name === 'default') otherwise = parse(reader.value(), context);
      else throw new MongoServerError(40067, `$switch found an unknown argument: ${name}`);
    }
    if (branches.length === 0) {
      throw new MongoServerError(40068, '$switch requires at least one branch.');
    }
    const isNever = ({ test }: Branch) => test.isConstant && !isTruthy(test.evaluate(noScope));
    if (otherwise === undefined && branches.every(isNever)) {
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
