import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Expression, SpecialOperator } from '../expression.ts';
import type { Value } from '../value.ts';
import { checkUserVariableName } from '../variable-name.ts';

/** `$let`: evaluates `in` with the variables of `vars`. */
export const letOperator: SpecialOperator = {
  kind: 'special',
  name: '$let',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(16874, '$let only supports an object as its argument');
    }
    let vars: Value | undefined;
    let body: Value | undefined;
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) {
      const name = reader.name();
      if (name === 'vars') vars = reader.value();
      else if (name === 'in') body = reader.value();
      else throw new MongoServerError(16875, `Unrecognized parameter to $let: ${name}`);
    }
    if (vars === undefined) throw new MongoServerError(16876, "Missing 'vars' parameter to $let");
    if (body === undefined) throw new MongoServerError(16877, "Missing 'in' parameter to $let");
    // An array passes as a document of 0, 1 and so on, which are no names of variables.
    if (vars.type !== BsonType.object && vars.type !== BsonType.array) {
      throw new MongoServerError(10065, 'invalid parameter: expected an object (vars)');
    }
    const names: string[] = [];
    const values: Expression[] = [];
    const fields = new ElementReader(vars.buffer, vars.start);
    while (fields.next()) {
      const name = fields.name();
      checkUserVariableName(name);
      names.push(name);
      values.push(parse(fields.value(), context));
    }
    const { context: inner, slots } = context.with(names);
    const result = parse(body, inner);
    return {
      isConstant: false,
      evaluate: (scope) => {
        const computed = values.map((value) => value.evaluate(scope));
        for (let at = 0; at < slots.length; at++) scope.variables[slots[at]!] = computed[at];
        return result.evaluate(scope);
      },
    };
  },
};
