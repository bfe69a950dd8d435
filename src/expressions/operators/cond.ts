import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Expression, SpecialOperator } from '../expression.ts';
import { parseOperands } from '../operands.ts';
import { isTruthy } from '../value.ts';

/** `$cond`: `[if, then, else]` or the same by name; only the chosen branch is evaluated. */
export const cond: SpecialOperator = {
  kind: 'special',
  name: '$cond',
  parse(argument, context, parse) {
    let test: Expression | undefined;
    let yes: Expression | undefined;
    let no: Expression | undefined;
    if (argument.type === BsonType.object) {
      const reader = new ElementReader(argument.buffer, argument.start);
      while (reader.next()) {
        const name = reader.name();
        if (name === 'if') test = parse(reader.value(), context);
        else if (name === 'then') yes = parse(reader.value(), context);
        else if (name === 'else') no = parse(reader.value(), context);
        else throw new MongoServerError(17083, `Unrecognized parameter to $cond: ${name}`);
      }
      if (test === undefined) throw new MongoServerError(17080, "Missing 'if' parameter to $cond");
      if (yes === undefined) throw new MongoServerError(17081, "Missing 'then' parameter to $cond");
      if (no === undefined) throw new MongoServerError(17082, "Missing 'else' parameter to $cond");
    } else {
      const operands = parseOperands(argument, context, parse);
      if (operands.length !== 3) {
        throw new MongoServerError(
          16020,
          `Expression $cond takes exactly 3 arguments. ${operands.length} were passed in.`,
        );
      }
      [test, yes, no] = operands as [Expression, Expression, Expression];
    }
    const [condition, then, otherwise] = [test, yes, no];
    return {
      isConstant: condition.isConstant && then.isConstant && otherwise.isConstant,
      evaluate: (scope) =>
        isTruthy(condition.evaluate(scope)) ? then.evaluate(scope) : otherwise.evaluate(scope),
    };
  },
};
