import { ElementReader } from '../bson/index.ts';
import type { Value } from './value.ts';

/** The elements of an array, or the field values of a document, as ranges of its bytes. */
export function elementsOf(value: Value): Value[] {
  const elements: Value[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) elements.push(reader.value());
  return elements;
}
