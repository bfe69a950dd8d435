/** `$addToSet`, alone or with `$each`: what is not there yet goes to the end. */
import {
  BsonType,
  type Collation,
  compareValues,
  ElementReader,
  findField,
  type RawValue,
  typeAlias,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { ValueSet } from '../../expressions/index.ts';
import { arrayOf, elementsOf } from './array-elements.ts';
import { type UpdateOperator, unchanged } from './modifier.ts';

export function equalValues(a: RawValue, b: RawValue, collation?: Collation): boolean {
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation) === 0;
}

function additions(argument: RawValue): readonly RawValue[] {
  if (argument.type !== BsonType.object) return [argument];
  const each = findField(argument.buffer, argument.start, '$each');
  // Only a document that begins with $each is a list of values.
  const firstIsEach =
    argument.buffer.toString('latin1', argument.start + 5, argument.start + 11) === '$each\0';
  if (each === undefined || !firstIsEach) return [argument];
  if (each.type !== BsonType.array) {
    throw new MongoServerError(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${typeAlias(each.type)}`,
    );
  }
  const list = new ElementReader(argument.buffer, argument.start);
  list.next();
  if (list.next()) {
    throw new MongoServerError(
      'BadValue',
      `Found unexpected fields after $each in $addToSet: ${valueText(argument)}`,
    );
  }
  return elementsOf(each);
}

export const addToSet: UpdateOperator = {
  name: '$addToSet',
  parse(path, argument, collation) {
    const wanted = new ValueSet(additions(argument), collation);
    const field = path.split('.').at(-1)!;
    return {
      creates: true,
      apply(current) {
        if (current === undefined) return arrayOf(wanted.values);
        if (current.type !== BsonType.array) {
          throw new MongoServerError(
            'BadValue',
            `Cannot apply $addToSet to non-array field. Field named '${field}' has non-array type ${typeAlias(current.type)}`,
          );
        }
        const elements = elementsOf(current);
        const present = new Set(elements.map((element) => wanted.indexOf(element)));
        const added = wanted.values.filter((_, at) => !present.has(at));
        return added.length === 0 ? unchanged : arrayOf([...elements, ...added]);
      },
    };
  },
};
