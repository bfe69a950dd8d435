/** Update, delete and findAndModify statements in a session's record. */
import { encodeDocument, findField, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { DeleteOutcome } from './delete-statement.ts';
import { answersBefore, type RetryableWrite } from './retryable.ts';
import type { StatementHooks } from './statement-bodies.ts';
import type { UpdateOutcome } from './update-statement.ts';
import type { ExecutedStatements, Writer } from './writer.ts';

/** Told when a statement was answered from the record. */
export type OnRetried = (answer: Buffer) => void;

function earlierAnswer(
  writer: Writer,
  write: RetryableWrite,
  statement: number,
): Buffer | undefined {
  return answersBefore(writer.transaction, write)(statement);
}

function executedOnce(
  write: RetryableWrite,
  statement: number,
  answer: Record<string, unknown>,
): ExecutedStatements {
  const { lsid, txnNumber } = write;
  return { lsid, txnNumber, ran: [{ first: statement, count: 1, answer: encodeDocument(answer) }] };
}

export function updateHooks(
  write: RetryableWrite | undefined,
  statement: number,
  onRetried: OnRetried,
): StatementHooks<UpdateOutcome> {
  if (write === undefined) return {};
  return {
    before(writer, outcome) {
      const answer = earlierAnswer(writer, write, statement);
      if (answer === undefined) return false;
      outcome.matched = intField(answer, 'n');
      outcome.modified = intField(answer, 'nModified');
      outcome.upsertedId = findField(answer, 0, 'upserted');
      if (outcome.upsertedId !== undefined) outcome.matched = 0;
      onRetried(answer);
      return true;
    },
    executed(outcome: UpdateOutcome) {
      return executedOnce(write, statement, {
        n: outcome.matched,
        nModified: outcome.modified,
        upserted: outcome.upsertedId,
      });
    },
  };
}

export function deleteHooks(
  write: RetryableWrite | undefined,
  statement: number,
  onRetried: OnRetried,
): StatementHooks<DeleteOutcome> {
  if (write === undefined) return {};
  return {
    before(writer, outcome) {
      const answer = earlierAnswer(writer, write, statement);
      if (answer === undefined) return false;
      outcome.deleted = intField(answer, 'n');
      onRetried(answer);
      return true;
    },
    executed(outcome) {
      return executedOnce(write, statement, { n: outcome.deleted });
    },
  };
}

/**
 * A findAndModify's answer is kept up to so many bytes, in the session's record, in its entry, and once
 * more in the entry that follows it there. The statement is known as executed beyond that too; only its
 * document can not be answered again.
 */
const keptAnswerBytesMax = 1024 * 1024;

/** In place of an answer too large to keep. */
const forgottenAnswer = { isForgotten: true };

function checkKept(answer: Buffer, write: RetryableWrite, statement: number): void {
  if (findField(answer, 0, 'isForgotten') === undefined) return;
  throw new MongoServerError(
    'IncompleteTransactionHistory',
    `The findAndModify with txnNumber ${write.txnNumber} and statement ${statement} was executed, but its answer of more than ${keptAnswerBytesMax} bytes was not kept for a retry`,
  );
}

/**
 * Hooks for findAndModify, whose answer is the whole reply. `reply` makes it from what happened.
 */
export function findAndModifyHooks<Outcome>(
  write: RetryableWrite | undefined,
  statement: number,
  onRetried: OnRetried,
  reply: (outcome: Outcome) => Record<string, unknown>,
): {
  before?: (writer: Writer) => boolean;
  executed?: (outcome: Outcome) => ExecutedStatements;
} {
  if (write === undefined) return {};
  return {
    before(writer) {
      const answer = earlierAnswer(writer, write, statement);
      if (answer === undefined) return false;
      checkKept(answer, write, statement);
      onRetried(answer);
      return true;
    },
    executed(outcome) {
      const whole = executedOnce(write, statement, reply(outcome));
      const isKept = whole.ran.every(({ answer }) => answer.length <= keptAnswerBytesMax);
      return isKept ? whole : executedOnce(write, statement, forgottenAnswer);
    },
  };
}

function intField(answer: Buffer, name: string): number {
  const value: RawValue | undefined = findField(answer, 0, name);
  return value === undefined ? 0 : answer.readInt32LE(value.start);
}
