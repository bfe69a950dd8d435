/** `$pull` (by condition) and `$pullAll` (by a list of values). */
import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { compileFilter, compileSingle } from '../compile-filter.ts';
import type { ValueTest } from '../filter-node.ts';
import { comparison, comparisonTest } from '../operators/comparison.ts';
import { regexLiteral, regexTest } from '../operators/regex.ts';
import { FilterTreeParser } from '../parse-filter.ts';
import { typeName } from '../value-text.ts';
import { equalValues } from './add-to-set.ts';
import { arrayOf, elementsOf } from './array-elements.ts';
import { type Change, type Modifier, type UpdateOperator, unchanged } from './modifier.ts';

/** Operators on the element, a filter on elements that are documents, or a value to be equal to. */
function condition(argument: RawValue): ValueTest {
  const { buffer, type, start } = argument;
  if (type === BsonType.regex) return regexTest(regexLiteral('', argument));
  if (type !== BsonType.object) return comparisonTest(comparison('', '$eq', argument));
  const isOperators = buffer[start + 4] !== 0 && buffer[start + 5] === 0x24;
  if (isOperators) {
    const name = buffer.toString('latin1', start + 5, buffer.indexOf(0, start + 5));
    if (!['$and', '$or', '$nor', '$ref', '$id', '$db'].includes(name)) {
      const tests = new FilterTreeParser().parseOperators('', buffer, start).map(compileSingle);
      return (bytes, elementType, at) => tests.every((test) => test(bytes, elementType, at));
    }
  }
  const test = compileFilter(new FilterTreeParser().parseDocument(buffer, start));
  return (bytes, elementType, at) => elementType === BsonType.object && test(bytes, at);
}

function remover(keeps: (element: RawValue) => boolean): Modifier {
  return {
    creates: false,
    apply(current): Change {
      if (current === undefined) return unchanged;
      if (current.type !== BsonType.array) {
        throw new MongoServerError('BadValue', 'Cannot apply $pull to a non-array value');
      }
      const elements = elementsOf(current);
      const kept = elements.filter(keeps);
      return kept.length === elements.length ? unchanged : arrayOf(kept);
    },
  };
}

export const pull: UpdateOperator = {
  name: '$pull',
  parse(_path, argument) {
    const test = condition(argument);
    return remover((element) => !test(element.buffer, element.type, element.start));
  },
};

export const pullAll: UpdateOperator = {
  name: '$pullAll',
  parse(_path, argument) {
    if (argument.type !== BsonType.array) {
      throw new MongoServerError(
        'BadValue',
        `$pullAll requires an array argument but was given a ${typeName(argument.type)}`,
      );
    }
    const values = elementsOf(argument);
    return remover((element) => !values.some((value) => equalValues(value, element)));
  },
};
