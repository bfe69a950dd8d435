import {
  BsonType,
  type Collation,
  documentEnd,
  encodeDocument,
  type RawValue,
} from '../../bson/index.ts';
import { compileFilter, compileSingle } from '../compile-filter.ts';
import type { ValueTest } from '../filter-node.ts';
import { comparison, comparisonTest } from '../operators/comparison.ts';
import { regexLiteral, regexTest } from '../operators/regex.ts';
import { FilterTreeParser } from '../parse-filter.ts';
import type { UpdateOperator } from './modifier.ts';
import { remover } from './remover.ts';

/** Operators on the element, a filter on elements that are documents, or a value to be equal to. */
function condition(argument: RawValue, collation: Collation | undefined): ValueTest {
  const { buffer, type, start } = argument;
  if (type === BsonType.regex) return regexTest(regexLiteral('', argument));
  if (type !== BsonType.object) {
    return comparisonTest(comparison('', '$eq', argument, collation));
  }
  const isOperators = buffer[start + 4] !== 0 && buffer[start + 5] === 0x24;
  if (isOperators) {
    const name = buffer.toString('latin1', start + 5, buffer.indexOf(0, start + 5));
    if (!['$and', '$or', '$nor', '$ref', '$id', '$db'].includes(name)) {
      const nodes = new FilterTreeParser(undefined, collation).parseOperators('', buffer, start);
      const singles = nodes.map(compileSingle);
      const wholes = nodes.map(compileFilter);
      // An element that is an array matches by its own elements too, as a field with it would.
      return (bytes, elementType, at) => {
        if (elementType !== BsonType.array) {
          return singles.every((test) => test(bytes, elementType, at));
        }
        const field = encodeDocument({
          '': { buffer: bytes, type: elementType, start: at, end: documentEnd(bytes, at) },
        });
        return wholes.every((test) => test(field, 0));
      };
    }
  }
  const test = compileFilter(
    new FilterTreeParser(undefined, collation).parseDocument(buffer, start),
  );
  return (bytes, elementType, at) => elementType === BsonType.object && test(bytes, at);
}

/** `$pull`: removes the elements that match a condition. */
export const pull: UpdateOperator = {
  name: '$pull',
  parse(_path, argument, collation) {
    const test = condition(argument, collation);
    return remover((element) => !test(element.buffer, element.type, element.start));
  },
};
