/**
 * Memory for documents on their way into a reply. A batch of 100 KB comes and goes with each query;
 * taken fresh each time, it costs page faults, and the collector has to look after it.
 */

/** Sizes of the first, second, ... chunk of an arena; further ones are as the last. */
const chunkBytes = [16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024];
/** Chunks kept of each size; 6 MB at most. */
const keptMax = [32, 32, 6, 2];

const kept: Buffer[][] = chunkBytes.map(() => []);

/** A chunk for an arena that has so many, with room for at least `bytes`. Its content is anything. */
export function borrowChunk(chunksBefore: number, bytes: number): Buffer {
  const size = Math.min(chunksBefore, chunkBytes.length - 1);
  if (bytes > chunkBytes[size]!) return Buffer.allocUnsafeSlow(bytes);
  return kept[size]!.pop() ?? Buffer.allocUnsafeSlow(chunkBytes[size]!);
}

/** Nobody has the chunk any more. */
export function returnChunk(chunk: Buffer): void {
  const size = chunkBytes.indexOf(chunk.length);
  if (size >= 0 && kept[size]!.length < keptMax[size]!) kept[size]!.push(chunk);
}
