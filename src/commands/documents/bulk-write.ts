import { encodeDocument, type RawValue } from '../../bson/index.ts';
import {
  insertMany,
  ListSource,
  retryableWriteOf,
  variablesOf,
  type WriteError,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Variables } from '../../expressions/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { failed, succeeded } from '../dispatch/reply-fields.ts';
import {
  type BulkStatement,
  type BulkTarget,
  readStatement,
  readTargets,
} from './bulk-write-statements.ts';
import { cursorBatchSize, firstBatchReply } from './cursor-reply.ts';
import { runDeleteStatement } from './delete.ts';
import { checkBatchSize } from './insert.ts';
import { runStatements } from './run-statements.ts';
import { readStatementIds, type StatementIds } from './statement-ids.ts';
import { runUpdateStatement } from './update.ts';

interface BulkWrite extends StatementIds {
  readonly statements: readonly BulkStatement[];
  readonly ordered: boolean;
  readonly errorsOnly: boolean;
  readonly let: RawValue | undefined;
  readonly bypassValidation: boolean;
  readonly keepEmptyTimestamps: boolean;
  readonly batchSize: number | undefined;
}

const fields = new Set([
  'bypassDocumentValidation',
  'bypassEmptyTsReplacement',
  'cursor',
  'errorsOnly',
  'let',
  'nsInfo',
  'ops',
  'ordered',
  'stmtIds',
]);

/** Where the cursor of the results says it reads. */
const resultsNamespace = 'admin.$cmd.bulkWrite';

export const bulkWrite = defineCommand<BulkWrite>({
  name: 'bulkWrite',
  help: 'Runs inserts, updates and deletes of several collections.',
  access: 'write',
  runsOn: 'primary',
  adminOnly: true,
  retryable: true,
  counter: 'none',
  parse(body) {
    body.rejectUnknown(fields);
    const operations = body.documents('ops');
    checkBatchSize(operations.length);
    const targets = readTargets(body.documents('nsInfo'));
    return {
      statements: operations.map((each, index) => readStatement(each, index, targets)),
      ordered: body.optionalStrictBool('ordered') ?? true,
      let: body.optionalDocument('let'),
      bypassValidation: body.optionalBool('bypassDocumentValidation') ?? false,
      keepEmptyTimestamps: body.optionalBool('bypassEmptyTsReplacement') ?? false,
      errorsOnly: body.optionalStrictBool('errorsOnly') ?? false,
      batchSize: cursorBatchSize(body),
      ...readStatementIds(body, operations.length),
    };
  },
  async run(request, context) {
    const { database, operation } = context;
    operation.statements = request.statements.length;
    if (retryableWriteOf(operation) !== undefined && request.statements.some(isMulti)) {
      throw new MongoServerError('InvalidOptions', 'Cannot use retryable writes with multi=true');
    }
    const run = new BulkRun(request, context);
    await run.all();
    const { results, counts, retried } = run;
    const reply = await firstBatchReply(database, operation, {
      namespace: resultsNamespace,
      source: new ListSource(results.map(encodeDocument)),
      batchSize: request.batchSize ?? Number.MAX_SAFE_INTEGER,
    });
    return {
      ...reply,
      ...counts,
      ...(retried.length > 0 ? { retriedStmtIds: retried } : {}),
    };
  },
});

function isMulti(statement: BulkStatement): boolean {
  return statement.kind !== 'insert' && statement.fields.multi;
}

/** One command: its statements in runs of one kind and one collection, and what came of them. */
class BulkRun {
  readonly results: Record<string, unknown>[] = [];
  readonly retried: number[] = [];
  readonly counts = {
    nErrors: 0,
    nInserted: 0,
    nMatched: 0,
    nModified: 0,
    nUpserted: 0,
    nDeleted: 0,
  };
  readonly #request: BulkWrite;
  readonly #context: CommandContext;
  readonly #variables: Variables;

  constructor(request: BulkWrite, context: CommandContext) {
    this.#request = request;
    this.#context = context;
    this.#variables = variablesOf(context.database, request.let, undefined, context.operation);
  }

  async all(): Promise<void> {
    const { statements, ordered } = this.#request;
    for (let first = 0; first < statements.length; ) {
      const { kind, target } = statements[first] as BulkStatement;
      let end = first + 1;
      while (statements[end]?.kind === kind && statements[end]?.target === target) end++;
      const run = { first, statements: statements.slice(first, end), target };
      this.#context.counters[kind] += run.statements.length;
      if (kind === 'insert') await this.#insert(run);
      else if (kind === 'update') await this.#update(run);
      else await this.#delete(run);
      if (ordered && this.counts.nErrors > 0) return;
      first = end;
    }
  }

  async #insert({ first, statements, target }: Run): Promise<void> {
    const { database, operation } = this.#context;
    const { ordered } = this.#request;
    const { inserted, writeErrors, retriedStatements } = await insertMany(database, operation, {
      ...target,
      documents: statements.map((each) => (each as { document: RawValue }).document),
      ordered,
      bypassValidation: this.#request.bypassValidation,
      keepEmptyTimestamps: this.#request.keepEmptyTimestamps,
      statementIds: statements.map((_, at) => this.#statementId(first + at)),
    });
    this.counts.nInserted += inserted;
    this.retried.push(...retriedStatements);
    const failed = new Map(writeErrors.map((error) => [error.index, error]));
    const reached = ordered && failed.size > 0 ? Math.max(...failed.keys()) + 1 : statements.length;
    for (let at = 0; at < reached; at++) {
      const error = failed.get(at);
      if (error === undefined) this.#succeeded(first + at, { n: 1 });
      else this.#failed(first + at, error);
    }
  }

  async #update({ first, statements, target }: Run): Promise<void> {
    const { database, operation } = this.#context;
    const { outcomes, writeErrors } = await runStatements(
      statements.length,
      { ordered: this.#request.ordered },
      (at, place) => {
        const { fields: each } = statements[at] as BulkStatement & { kind: 'update' };
        const statementId = this.#statementId(first + at);
        return runUpdateStatement(database, operation, {
          ...target,
          fields: each,
          variables: this.#variables,
          bypassValidation: this.#request.bypassValidation,
          keepEmptyTimestamps: this.#request.keepEmptyTimestamps,
          statementId,
          place,
          onRetried: () => this.retried.push(statementId),
        });
      },
    );
    this.#collect(first, statements.length, outcomes, writeErrors, (index, outcome) => {
      const { matched, modified, upsertedId } = outcome;
      this.counts.nMatched += matched;
      this.counts.nModified += modified;
      if (upsertedId !== undefined) this.counts.nUpserted += 1;
      this.#succeeded(index, {
        n: upsertedId === undefined ? matched : matched + 1,
        nModified: modified,
        ...(upsertedId === undefined ? {} : { upserted: { _id: upsertedId } }),
      });
    });
  }

  async #delete({ first, statements, target }: Run): Promise<void> {
    const { database, operation } = this.#context;
    const { outcomes, writeErrors } = await runStatements(
      statements.length,
      { ordered: this.#request.ordered },
      (at, place) => {
        const { fields: each } = statements[at] as BulkStatement & { kind: 'delete' };
        const statementId = this.#statementId(first + at);
        return runDeleteStatement(database, operation, {
          ...target,
          fields: each,
          variables: this.#variables,
          statementId,
          place,
          onRetried: () => this.retried.push(statementId),
        });
      },
    );
    this.#collect(first, statements.length, outcomes, writeErrors, (index, { deleted }) => {
      this.counts.nDeleted += deleted;
      this.#succeeded(index, { n: deleted });
    });
  }

  #collect<Outcome>(
    first: number,
    count: number,
    outcomes: readonly (Outcome | undefined)[],
    writeErrors: readonly WriteError[],
    succeeded: (index: number, outcome: Outcome) => void,
  ): void {
    const failed = new Map(writeErrors.map((error) => [error.index, error]));
    for (let at = 0; at < count; at++) {
      const outcome = outcomes[at];
      const error = failed.get(at);
      if (outcome !== undefined) succeeded(first + at, outcome);
      else if (error !== undefined) this.#failed(first + at, error);
    }
  }

  #succeeded(idx: number, facts: Record<string, unknown>): void {
    if (!this.#request.errorsOnly) this.results.push({ ok: succeeded, idx, ...facts });
  }

  #failed(idx: number, error: WriteError): void {
    this.counts.nErrors += 1;
    const { index: _, ...facts } = error;
    this.results.push({ ok: failed, idx, ...facts, n: 0 });
  }

  #statementId(index: number): number {
    return this.#request.statementIds?.[index] ?? (this.#request.firstStatementId ?? 0) + index;
  }
}

interface Run {
  /** Index of its first statement in the command. */
  readonly first: number;
  readonly statements: readonly BulkStatement[];
  readonly target: BulkTarget;
}
