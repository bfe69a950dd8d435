/** Documents that a driver would not write: their bytes are changed on their way. */
import { Binary, ObjectId } from 'bson';
import type { Document } from 'mongodb';
import type { Probe, ProbeBed } from '../feature-row.ts';

/** Types that drivers read and no longer write: bytes of other types, made to be theirs. */
export const olderTypes: Probe = async (bed) => {
  const pointer = new Binary(Buffer.from([0, ...Array.from({ length: 12 }, () => 7)]), 0x63);
  await insertBytes(bed, { _id: 1, u: null, p: pointer }, (bytes) => {
    bytes[bytes.indexOf('\nu\0')] = 6;
    const at = bytes.indexOf('\x05p\0');
    bytes[at] = 12;
    bytes.writeInt32LE(2, at + 3);
  });
  const c = bed.db.collection<{ _id: number }>('c');
  if ((await c.countDocuments({ u: { $type: 'undefined' } })) !== 1) throw new Error('undefined');
  if ((await c.countDocuments({ p: { $type: 'dbPointer' } })) !== 1) throw new Error('dbPointer');
  await c.insertMany([{ _id: 2, p: /x/ } as never, { _id: 3, p: new ObjectId() } as never]);
  const order = await c.find().sort({ p: 1 }).project({ _id: 1 }).toArray();
  if (order.map(({ _id }) => _id).join() !== '3,2,1') throw new Error('they sort otherwise');
};

export const duplicateNames: Probe = async (bed) => {
  await insertBytes(bed, { _id: 1, a: 1, b: 2 }, (bytes) => {
    bytes[bytes.indexOf('\x10b\0') + 1] = 'a'.charCodeAt(0);
  });
  const { cursor } = await bed.db.command({
    aggregate: 'c',
    pipeline: [{ $project: { n: { $size: { $objectToArray: '$$ROOT' } } } }],
    cursor: {},
  });
  if (cursor.firstBatch[0].n !== 3) throw new Error(`${cursor.firstBatch[0].n} fields`);
};

/** Inserts a document into `c` whose bytes are changed on their way. */
async function insertBytes(
  { client, db }: ProbeBed,
  document: Document,
  change: (bytes: Buffer) => void,
): Promise<void> {
  const { RawClient, commandMessage } = await import('../../../test/support/raw-client.ts');
  const raw = await RawClient.connect(Number(client.options.hosts[0]?.port));
  try {
    const message = commandMessage({ insert: 'c', documents: [document], $db: db.databaseName });
    change(message);
    raw.send(message);
    const answer = await raw.answer(5000);
    if (answer.kind !== 'reply' || answer.document.n !== 1) throw new Error('not inserted');
  } finally {
    raw.close();
  }
}
