/** `$function`: what a client's function gives for its arguments. Source: manual, "$function". */
import { BsonType, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { scriptsOf } from '../scripts.ts';
import { textOf, typeName } from '../value.ts';

export const functionOperator: SpecialOperator = {
  kind: 'special',
  name: '$function',
  parse(argument, context, parse) {
    if (!context.variables.takesFunctions) {
      throw new MongoServerError(4660800, '$function cannot be used inside a validator.');
    }
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        31260,
        `$function requires an object as an argument, found: ${typeName(argument)}`,
      );
    }
    const field = (name: string) => findField(argument.buffer, argument.start, name);
    const body = field('body');
    if (body === undefined)
      throw new MongoServerError(31261, 'The body function must be specified.');
    const source = parse(body, context);
    if (!source.isConstant) {
      throw new MongoServerError(31432, 'The body function must be a constant expression');
    }
    const code = source.evaluate(undefined as never);
    if (code?.type !== BsonType.string && code?.type !== BsonType.javascript) {
      throw new MongoServerError(31262, 'The body function must evaluate to type string or code');
    }
    const text = textOf(code);
    const args = field('args');
    if (args === undefined) throw new MongoServerError(31263, 'The args field must be specified.');
    const list = parse(args, context);
    const lang = field('lang');
    if (lang === undefined) throw new MongoServerError(31418, 'The lang field must be specified.');
    if (lang.type !== BsonType.string || textOf(lang) !== 'js') {
      throw new MongoServerError(31419, "Currently the only supported language specifier is 'js'.");
    }
    return {
      isConstant: false,
      evaluate(scope) {
        const run = scriptsOf(context.variables).compile(text);
        const values = list.evaluate(scope);
        if (values?.type !== BsonType.array) {
          throw new MongoServerError(31266, 'The args field must be of type array');
        }
        return run.call(elementsOf(values));
      },
    };
  },
};
