/** CRC-32C (Castagnoli), the checksum of OP_MSG. Reflected, polynomial 0x82f63b78. */

const table = makeTables();

/** Eight tables: eight bytes per step instead of one, about five times as fast. */
function makeTables(): Uint32Array {
  const tables = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let slice = 1; slice < 8; slice++) {
      const previous = tables[(slice - 1) * 256 + byte]!;
      tables[slice * 256 + byte] = (previous >>> 8) ^ tables[previous & 0xff]!;
    }
  }
  return tables;
}

/** CRC-32C of `buffer` from `start` to `end`, as an unsigned 32-bit number. */
export function crc32c(buffer: Uint8Array, start = 0, end = buffer.length): number {
  let crc = 0xffffffff;
  let position = start;
  for (; position + 8 <= end; position += 8) {
    const low =
      crc ^
      (buffer[position]! |
        (buffer[position + 1]! << 8) |
        (buffer[position + 2]! << 16) |
        (buffer[position + 3]! << 24));
    crc =
      table[1792 + (low & 0xff)]! ^
      table[1536 + ((low >>> 8) & 0xff)]! ^
      table[1280 + ((low >>> 16) & 0xff)]! ^
      table[1024 + (low >>> 24)]! ^
      table[768 + buffer[position + 4]!]! ^
      table[512 + buffer[position + 5]!]! ^
      table[256 + buffer[position + 6]!]! ^
      table[buffer[position + 7]!]!;
  }
  for (; position < end; position++) {
    crc = (crc >>> 8) ^ table[(crc ^ buffer[position]!) & 0xff]!;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
