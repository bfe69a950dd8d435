import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

/** Which statements of a retryable write a command carries; absent: 0, 1, 2 ... */
export interface StatementIds {
  readonly firstStatementId: number | undefined;
  readonly statementIds: readonly number[] | undefined;
}

/** Reads `stmtId` and `stmtIds` of a write command with `count` statements. */
export function readStatementIds(body: CommandBody, count: number): StatementIds {
  const first = body.optionalInt('stmtId');
  const array = body.optionalArray('stmtIds');
  if (array === undefined) return { firstStatementId: first, statementIds: undefined };
  if (first !== undefined) {
    throw new MongoServerError('InvalidOptions', 'May not specify both stmtId and stmtIds');
  }
  const ids = (body.decode('stmtIds') as unknown[]).map(Number);
  if (ids.length !== count) {
    throw new MongoServerError(
      'InvalidLength',
      `Number of statement ids must match the number of batch entries. Got ${ids.length} statement ids but ${count} entries.`,
    );
  }
  return { firstStatementId: undefined, statementIds: ids };
}
