/** The session fields of a command: lsid, txnNumber, and what is refused until it is built. */
import { Binary } from 'bson';
import { BsonType, findField, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Command } from '../command.ts';
import type { CommandBody } from './command-body.ts';
import { OperationSession } from './operation.ts';

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
  const id = findField(lsid.buffer, lsid.start, 'id');
  if (id === undefined) {
    throw new MongoServerError(
      40414,
      "BSON field 'OperationSessionInfo.lsid.id' is missing but a required field",
    );
  }
  if (!isUuid(id)) {
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
  return new OperationSession(lsid, id.start + binaryHeaderLength, txnNumber);
}

/** Length of the bytes and their subtype, in front of them. */
const binaryHeaderLength = 5;

function isUuid({ buffer, type, start, end }: RawValue): boolean {
  return (
    type === BsonType.binData &&
    buffer[start + 4] === Binary.SUBTYPE_UUID &&
    end - start === binaryHeaderLength + 16
  );
}
