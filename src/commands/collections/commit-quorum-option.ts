import { BsonType, decodeValue } from '../../bson/index.ts';
import type { CommitQuorum } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { wholeNumberOf } from '../dispatch/field-values.ts';

const votingMembersMax = 7;

/** The `commitQuorum` of a command; undefined when there is none. */
export function readCommitQuorum(body: CommandBody): CommitQuorum | undefined {
  const value = body.value('commitQuorum');
  if (value === undefined) return undefined;
  if (value.type === BsonType.string) {
    const mode = decodeValue(value) as string;
    if (mode !== '') return mode;
    throw new MongoServerError('FailedToParse', "commitQuorum can't be an empty string");
  }
  const count = wholeNumberOf(value);
  if (count === undefined) {
    throw new MongoServerError('FailedToParse', 'commitQuorum has to be a number or a string');
  }
  if (count >= 0 && count <= votingMembersMax) return count;
  throw new MongoServerError(
    'FailedToParse',
    `commitQuorum has to be a non-negative number and not greater than ${votingMembersMax}`,
  );
}
