/** A retryable write sent twice, in a session of its own: drivers would go on with its numbers. */
import { Long, UUID } from 'bson';
import type { Document } from 'mongodb';
import type { Probe, ProbeBed } from './feature-row.ts';

/** What the second is told. */
export async function repeatedWrite(
  { client, db }: ProbeBed,
  command: Document,
): Promise<Document> {
  const { RawClient } = await import('../../test/support/raw-client.ts');
  const raw = await RawClient.connect(Number(client.options.hosts[0]?.port));
  try {
    const session = { lsid: { id: new UUID() }, txnNumber: Long.fromInt(1) };
    const sent = { ...command, ...session, $db: command.$db ?? db.databaseName };
    await raw.command(sent);
    return await raw.command(sent);
  } finally {
    raw.close();
  }
}

/** The second is a repetition of statement 7. */
export function statementIds(command: Document): Probe {
  return async (bed) => {
    await bed.db.collection('things').insertOne({ s: 'to be removed' });
    const { retriedStmtIds } = await repeatedWrite(bed, { ...command, stmtIds: [7] });
    if (String(retriedStmtIds) !== '7') throw new Error(`repeated: ${retriedStmtIds}`);
  };
}
