import { BsonType, documentEnd, type RawValue } from '../../bson/index.ts';
import type { OperationContext } from '../../database/index.ts';
import {
  type ExplainVerbosity,
  explainPlan,
  PlanExecutor,
  type QueryPlan,
  type SortSpace,
} from '../../plan/index.ts';
import type { CommandContext, ReplyDocument } from '../command.ts';
import { serverVersion } from '../diagnostics/version.ts';

/** What of an explain is the same for all commands. */
export interface ExplainRequest {
  readonly verbosity: ExplainVerbosity;
  /** The command that is explained. */
  readonly command: Buffer;
}

/** The facts of a plan; run, unless only the plan is asked for. */
export async function planFacts(
  plan: QueryPlan,
  verbosity: ExplainVerbosity,
  reader: ConstructorParameters<typeof PlanExecutor>[1],
  { interrupt }: Pick<OperationContext, 'interrupt'>,
  { mayBeExpress, sortSpace }: { readonly mayBeExpress: boolean; readonly sortSpace: SortSpace },
): Promise<ReplyDocument> {
  if (verbosity === 'queryPlanner') {
    return explainPlan(plan, verbosity, undefined, mayBeExpress);
  }
  const executor = new PlanExecutor(plan.root, reader, { isCounted: false, sortSpace });
  const returned = await executor.count(interrupt);
  const execution = { returned, milliseconds: executor.elapsedMilliseconds };
  return explainPlan(plan, verbosity, execution, mayBeExpress);
}

/** The fields behind those of the plan. */
export function surroundings(
  { server }: CommandContext,
  command: Buffer,
  shapeHash: string | undefined,
): ReplyDocument {
  return {
    command,
    serverInfo: {
      host: server.host.replace(/:\d+$/, ''),
      port: server.port,
      version: serverVersion,
      gitVersion: 'arkset',
    },
    serverParameters: {},
    ...(shapeHash === undefined ? {} : { queryShapeHash: shapeHash }),
  };
}

export function bytesOf(value: RawValue): Buffer {
  if (value.type !== BsonType.object) throw new Error('a command is a document');
  return Buffer.from(value.buffer.subarray(value.start, documentEnd(value.buffer, value.start)));
}
