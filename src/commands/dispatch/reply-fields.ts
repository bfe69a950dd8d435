/** The fields dispatch adds to replies: times, labels, the failure of a write concern. */
import { Binary, Double, type Timestamp } from 'bson';
import { encodeDocument } from '../../bson/index.ts';
import {
  type CodeName,
  errorCodes,
  type MongoServerError,
  retryableWriteCodes,
} from '../../errors/index.ts';
import type { ReplyDocument } from '../command.ts';
import type { Operation } from './operation.ts';
import type { ReplicaSetView } from './replica-set-view.ts';
import type { WriteConcern } from './write-concern.ts';

/** Nobody signs cluster times yet: 20 zero bytes, as a server without keys sends them. */
const signature = { hash: new Binary(Buffer.alloc(20)), keyId: 0n };

/** The field as it was written last: many replies are sent between two entries of the log. */
const lastClusterTime: { clusterTime: Timestamp | undefined; bytes: Buffer } = {
  clusterTime: undefined,
  bytes: Buffer.alloc(0),
};

/** The `ok` of a reply: a double, as MongoDB's is. Compare with these very values. */
export const succeeded = new Double(1);
export const failed = new Double(0);

export function addTimes(reply: ReplyDocument, replicaSet: ReplicaSetView | undefined): void {
  const times = replicaSet?.clusterTime();
  if (times === undefined) return;
  const { clusterTime } = times;
  if (clusterTime !== lastClusterTime.clusterTime) {
    lastClusterTime.clusterTime = clusterTime;
    lastClusterTime.bytes = encodeDocument({ clusterTime, signature });
  }
  reply.$clusterTime = lastClusterTime.bytes;
  reply.operationTime = times.operationTime;
}

/** A driver may retry a write only when it numbered it. */
export function addRetryLabel(reply: ReplyDocument, codeName: string, operation: Operation): void {
  if (operation.session?.txnNumber === undefined) return;
  if (!retryableWriteCodes.has(codeName as CodeName)) return;
  const labels = (reply.errorLabels as string[] | undefined) ?? [];
  if (!labels.includes('RetryableWriteError')) {
    reply.errorLabels = [...labels, 'RetryableWriteError'];
  }
}

export function writeConcernError(
  error: MongoServerError,
  writeConcern: WriteConcern,
): ReplyDocument {
  const { w, wtimeout, provenance } = writeConcern;
  return {
    code: error.code,
    codeName: error.codeName,
    errmsg: error.message,
    errInfo: {
      ...(error.codeName === 'WriteConcernFailed' && { wtimeout: true }),
      writeConcern: { w, wtimeout, provenance },
    },
  };
}

export function codeNameOf(writeConcernFailure: Readonly<Record<string, unknown>>): string {
  const { code } = writeConcernFailure;
  return Object.entries(errorCodes).find((entry) => entry[1] === code)?.[0] ?? '';
}

export function isNotPrimary(codeName: string): boolean {
  return (
    codeName === 'NotWritablePrimary' ||
    codeName === 'NotPrimaryNoSecondaryOk' ||
    codeName === 'NotPrimaryOrSecondary' ||
    codeName === 'PrimarySteppedDown' ||
    codeName === 'InterruptedDueToReplStateChange' ||
    codeName === 'InterruptedAtShutdown' ||
    codeName === 'ShutdownInProgress'
  );
}
