/** The session fields of a command: lsid, txnNumber, and what is refused until it is built. */
import { Binary } from 'bson';
import { MongoServerError } from '../errors/index.ts';
import type { Command } from './command.ts';
import type { CommandBody } from './command-body.ts';
import type { OperationSession } from './operation.ts';

export function rejectTransactions(body: CommandBody): void {
  if (body.has('startTransaction') || body.has('autocommit')) {
    throw new MongoServerError('NotImplemented', 'Transactions are not implemented yet');
  }
}

export function readSession(
  body: CommandBody,
  command: Command,
  inReplicaSet: boolean,
): OperationSession | undefined {
  const lsid = body.optionalDocument('lsid');
  const txnNumber = body.optionalLong('txnNumber');
  if (lsid === undefined) {
    if (txnNumber === undefined) return undefined;
    throw new MongoServerError(
      'InvalidOptions',
      'Transaction number requires a session ID to also be specified',
    );
  }
  const fields = body.decode('lsid') as { id?: unknown };
  if (fields.id === undefined) {
    throw new MongoServerError(
      40414,
      "BSON field 'OperationSessionInfo.lsid.id' is missing but a required field",
    );
  }
  if (
    !(fields.id instanceof Binary) ||
    fields.id.sub_type !== Binary.SUBTYPE_UUID ||
    fields.id.length() !== 16
  ) {
    throw new MongoServerError(
      'TypeMismatch',
      "BSON field 'OperationSessionInfo.lsid.id' is the wrong binData type, expected type 'UUID'",
    );
  }
  if (txnNumber !== undefined) {
    if (txnNumber < 0n) {
      throw new MongoServerError('InvalidOptions', 'Transaction number cannot be negative');
    }
    if (!inReplicaSet) {
      throw new MongoServerError(
        'IllegalOperation',
        'Transaction numbers are only allowed on a replica set member or mongos',
      );
    }
    if (command.retryable !== true) {
      throw new MongoServerError(
        50768,
        `txnNumber may only be provided for multi-document transactions and retryable write commands. autocommit:false was not provided, and ${command.name} is not a retryable write command.`,
      );
    }
  }
  return {
    id: Buffer.from(fields.id.value()).toString('hex'),
    lsid: lsid.buffer.subarray(lsid.start, lsid.end),
    txnNumber,
  };
}
