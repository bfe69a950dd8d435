import { BsonType, DocumentWriter, ElementReader, type RawValue } from '../../bson/index.ts';

/** The elements of an array value, borrowed from its buffer. */
export function elementsOf(array: RawValue): RawValue[] {
  const elements: RawValue[] = [];
  const reader = new ElementReader(array.buffer, array.start);
  while (reader.next()) elements.push(reader.value());
  return elements;
}

const writer = new DocumentWriter();

/** An array value of these elements, with bytes of its own. */
export function arrayOf(elements: readonly RawValue[]): RawValue {
  writer.startDocument();
  for (let i = 0; i < elements.length; i++) writer.raw(`${i}`, elements[i]!);
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.array, start: 0, end: buffer.length };
}
