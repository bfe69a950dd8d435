/**
 * From a request to its reply: look up, admit, parse, run, wait, answer. The only place that
 * catches an error to make it a reply.
 *
 * A command that answers at once is answered at once: no promise is made on that path, which is
 * what a ping costs. Everything that waits (write concern, afterClusterTime, asynchronous
 * commands) goes through the `async` methods.
 */
import { isTruthy } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Command, CommandContext, Reply, ReplyDocument, ReplyStream } from '../command.ts';
import { Admission, type DispatchRequest } from './admission.ts';
import type { ClientConnection } from './client-connection.ts';
import type { CommandBody } from './command-body.ts';
import { Counters } from './counters.ts';
import { checkAfterClusterTime } from './dispatch-checks.ts';
import { ErrorReplies } from './error-replies.ts';
import { block, type FailCommandData, FailPoints, failCommandError } from './fail-points.ts';
import { type Operation, OperationRegistry } from './operation.ts';
import { Profiler } from './profiler.ts';
import type { ReplicaSetView } from './replica-set-view.ts';
import {
  addRetryLabel,
  addTimes,
  codeNameOf,
  failed,
  succeeded,
  writeConcernError,
} from './reply-fields.ts';
import type { Services } from './services.ts';

export type DispatchResult = ReplyDocument | ReplyStream;

export class Dispatcher {
  readonly operations: OperationRegistry;
  readonly counters = new Counters();
  readonly failPoints = new FailPoints();
  readonly profiler: Profiler;
  readonly #services: Services;
  readonly #admission: Admission;
  readonly #errors: ErrorReplies;

  constructor(services: Services) {
    this.#services = services;
    this.operations = new OperationRegistry(services.clock);
    this.profiler = new Profiler(services.database);
    this.#admission = new Admission(services, this);
    this.#errors = new ErrorReplies(services, this.counters);
  }

  /** Never throws and never rejects: every failure is a reply. */
  dispatch(
    request: DispatchRequest,
    connection: ClientConnection,
  ): DispatchResult | Promise<DispatchResult> {
    const { body } = request;
    const command = this.#services.commandTable.get(body.name);
    this.counters.requests++;
    if (command === undefined) return this.#unknownCommand(body);
    const operation = this.operations.start(connection.id, command.name, '');
    operation.request = body;
    try {
      const context = this.#admission.admit(command, request, connection, operation);
      if (this.failPoints.isActive) {
        this.failPoints.watch(operation, connection);
        const failure = this.failPoints.hit(command, connection, operation.namespace);
        if (failure !== undefined) return this.#runFailing(failure, command, body, context);
      }
      const help = body.value('help');
      if (help !== undefined && isTruthy(help)) return this.#help(command, context);
      const parsed = command.parse(body);
      if (readsMustWait(context)) {
        return this.#runLater(command, parsed, context);
      }
      const reply = command.run(parsed, context);
      if (reply instanceof Promise) return this.#answerLater(reply, command, context);
      if (isStream(reply)) return this.#stream(reply, command, context);
      if (this.#waitsForWriteConcern(command, context) || context.linearizableIn !== undefined) {
        return this.#answerLater(reply, command, context);
      }
      return this.#finish(this.#complete(reply, context.replicaSet), command, operation);
    } catch (error) {
      return this.#fail(error, command, operation);
    }
  }

  /** The client of this connection has left: what it runs may stop. */
  clientGone(connectionId: number): void {
    for (const operation of this.operations.all()) {
      if (operation.connectionId !== connectionId) continue;
      operation.kill(new MongoServerError('ClientDisconnect', 'operation was interrupted'));
    }
  }

  /** The server stops: everything that waits or loops is told so. */
  interruptAll(): void {
    for (const operation of this.operations.all()) {
      operation.kill(new MongoServerError('InterruptedAtShutdown', 'interrupted at shutdown'));
    }
  }

  /** `help: true`: the command is told about, not run. */
  #help(command: Command, { operation, replicaSet }: CommandContext): ReplyDocument {
    const reply = { help: `help for: ${command.name} ${command.help}` };
    return this.#finish(this.#complete(reply, replicaSet), command, operation);
  }

  // -- paths that wait --------------------------------------------------------------------------

  async #runLater(
    command: Command,
    parsed: unknown,
    context: CommandContext,
  ): Promise<DispatchResult> {
    try {
      const { readConcern, replicaSet, operation } = context;
      const { afterClusterTime, level } = readConcern;
      if (afterClusterTime !== undefined && replicaSet !== undefined) {
        checkAfterClusterTime(afterClusterTime, replicaSet);
        await replicaSet.awaitClusterTime(afterClusterTime, operation);
      }
      await replicaSet?.prepareRead?.(level, operation, afterClusterTime !== undefined);
      const reply = await command.run(parsed, context);
      if (isStream(reply)) return this.#stream(reply, command, context);
      return await this.#answerLater(reply, command, context);
    } catch (error) {
      return this.#fail(error, command, context.operation);
    }
  }

  /** What a fail point asks for, on the path of the real thing. */
  async #runFailing(
    failure: FailCommandData,
    command: Command,
    body: CommandBody,
    context: CommandContext,
  ): Promise<DispatchResult> {
    const { operation, connection } = context;
    try {
      if (failure.blockConnection === true) await block(failure, operation);
      if (failure.closeConnection === true) {
        connection.destroy();
        return this.#finish({}, command, operation);
      }
      if (failure.errorCode !== undefined && failure.errorCode !== 0) {
        throw failCommandError(failure);
      }
    } catch (error) {
      const reply = this.#errors.replyTo(error, command, operation);
      // Labels the fail point names replace those that would follow from the code.
      if (failure.errorLabels !== undefined) reply.errorLabels = [...failure.errorLabels];
      return this.#finish(reply, command, operation);
    }
    let result: DispatchResult;
    try {
      result = await this.#runLater(command, command.parse(body), context);
    } catch (error) {
      return this.#fail(error, command, operation);
    }
    if (failure.writeConcernError !== undefined && !isStream(result)) {
      result.writeConcernError = failure.writeConcernError;
      if (failure.errorLabels !== undefined) result.errorLabels = [...failure.errorLabels];
      else addRetryLabel(result, codeNameOf(failure.writeConcernError), operation);
    }
    return result;
  }

  async #answerLater(
    running: Reply | Promise<Reply>,
    command: Command,
    context: CommandContext,
  ): Promise<DispatchResult> {
    const { operation } = context;
    let reply: ReplyDocument;
    try {
      const answer = await running;
      if (isStream(answer)) return this.#stream(answer, command, context);
      const { linearizableIn, replicaSet } = context;
      if (linearizableIn !== undefined) await replicaSet?.confirmLead(linearizableIn, operation);
      reply = this.#complete(answer, context.replicaSet);
    } catch (error) {
      reply = this.#errors.replyTo(error, command, operation);
      // What was written before the error is waited for too, so that a retry can rely on it.
      if (operation.lastGtid === undefined) return this.#finish(reply, command, operation);
    }
    if (this.#waitsForWriteConcern(command, context)) {
      await this.#awaitWriteConcern(reply, context);
    }
    return this.#finish(reply, command, operation);
  }

  #waitsForWriteConcern(command: Command, context: CommandContext): boolean {
    if (context.replicaSet === undefined || context.writeConcern.w === 0) return false;
    // Nothing of `local` is replicated: there is nobody to wait for.
    if (context.dbName === 'local') return false;
    // A read that may write (aggregate with $out) and did not has nothing to wait for.
    if (command.access === 'read' && context.operation.lastGtid === undefined) return false;
    return command.supportsWriteConcern ?? command.access === 'write';
  }

  /** Also when nothing was written: then for the newest entry of this member, as MongoDB does. */
  async #awaitWriteConcern(reply: ReplyDocument, context: CommandContext): Promise<void> {
    const { operation, writeConcern } = context;
    try {
      await context.replicaSet!.awaitWriteConcern(operation.lastGtid, writeConcern, operation);
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      reply.writeConcernError = writeConcernError(error, writeConcern);
      addRetryLabel(reply, error.codeName, operation);
    }
  }

  // -- replies ----------------------------------------------------------------------------------

  #stream(reply: ReplyStream, command: Command, context: CommandContext): ReplyStream {
    this.counters.countCommand(command.name);
    return { stream: this.#completeStream(reply.stream, command, context) };
  }

  async *#completeStream(
    stream: ReplyStream['stream'],
    command: Command,
    context: CommandContext,
  ): AsyncGenerator<ReplyDocument, ReplyDocument> {
    const { operation, replicaSet } = context;
    let ended = false;
    try {
      for (;;) {
        const { value, done } = await stream.next();
        if (done) {
          ended = true;
          return this.#complete(value ?? {}, replicaSet);
        }
        yield this.#complete(value, replicaSet);
      }
    } catch (error) {
      ended = true;
      return this.#errors.replyTo(error, command, operation);
    } finally {
      this.operations.finish(operation);
      if (!ended) await stream.return(undefined);
    }
  }

  #complete(reply: ReplyDocument, replicaSet: ReplicaSetView | undefined): ReplyDocument {
    reply.ok ??= succeeded;
    addTimes(reply, replicaSet);
    return reply;
  }

  #finish(reply: ReplyDocument, command: Command, operation: Operation): ReplyDocument {
    this.operations.finish(operation);
    const entry = this.counters.countCommand(command.name);
    if (reply.ok === failed) entry.failed++;
    const counter = command.counter ?? 'command';
    if (counter !== 'none') this.counters[counter] += operation.statements;
    const duration = operation.elapsedMs();
    if (command.namesCollection === true) {
      this.counters.countNamespace(operation.namespace, command, duration);
    }
    const isSlow = this.profiler.isSlow(operation, duration);
    const isLogged = this.profiler.isActive
      ? this.#profile(reply, command, operation, duration, isSlow)
      : isSlow;
    if (isLogged) this.#logSlow(command, operation, duration);
    return reply;
  }

  #profile(
    reply: ReplyDocument,
    command: Command,
    operation: Operation,
    duration: number,
    isSlow: boolean,
  ): boolean {
    let client: ClientConnection | undefined;
    for (const each of this.#services.server.openConnections()) {
      if (each.id === operation.connectionId) client = each;
    }
    return this.profiler.record(command, operation, reply, duration, isSlow, client);
  }

  #logSlow(command: Command, operation: Operation, duration: number): void {
    this.#services.log.info('COMMAND', 'Slow query', {
      type: 'command',
      ns: operation.namespace,
      command: command.name,
      opId: operation.opId,
      connection: operation.connectionId,
      ...operation.details,
      durationMillis: Math.round(duration),
    });
  }

  #fail(error: unknown, command: Command, operation: Operation): ReplyDocument {
    return this.#finish(this.#errors.replyTo(error, command, operation), command, operation);
  }

  /** The reply for an error, of a command or of a request that did not become one. */
  replyOf(error: unknown, origin: string): ReplyDocument {
    return this.#errors.replyOf(error, origin);
  }

  #unknownCommand(body: CommandBody): ReplyDocument {
    const message = `no such command: '${body.name}'`;
    return this.replyOf(new MongoServerError('CommandNotFound', message), body.name);
  }
}

export function isStream(reply: Reply | DispatchResult): reply is ReplyStream {
  const stream = (reply as { stream?: unknown }).stream;
  return typeof stream === 'object' && stream !== null && Symbol.asyncIterator in stream;
}

/** Some states of the data are not at hand at once, and a linearizable read is confirmed after it. */
function readsMustWait({ readConcern, replicaSet }: CommandContext): boolean {
  if (replicaSet === undefined) return false;
  const { level, afterClusterTime } = readConcern;
  return afterClusterTime !== undefined || (level !== 'local' && level !== 'available');
}
