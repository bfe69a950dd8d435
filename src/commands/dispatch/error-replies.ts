/** Errors as replies: the client's to know as they are, ours logged and told as InternalError. */
import { MongoServerError } from '../../errors/index.ts';
import type { Command, ReplyDocument } from '../command.ts';
import type { Counters } from './counters.ts';
import type { Operation } from './operation.ts';
import { addRetryLabel, addTimes, failed, isNotPrimary } from './reply-fields.ts';
import type { Services } from './services.ts';

export class ErrorReplies {
  readonly #services: Services;
  readonly #counters: Counters;

  constructor(services: Services, counters: Counters) {
    this.#services = services;
    this.#counters = counters;
  }

  /** The reply for an error of a command, with the label that lets a driver retry it. */
  replyTo(error: unknown, command: Command, operation: Operation): ReplyDocument {
    const reply = this.replyOf(error, command.name);
    addRetryLabel(reply, String(reply.codeName), operation);
    return reply;
  }

  /** The reply for an error, of a command or of a request that did not become one. */
  replyOf(error: unknown, origin: string): ReplyDocument {
    this.#counters.assertsUser++;
    const { replicaSet } = this.#services;
    const known = error instanceof MongoServerError ? error : this.#fault(error, origin);
    const reply: ReplyDocument = {
      ok: failed,
      errmsg: known.message,
      code: known.code,
      codeName: known.codeName,
      ...known.fields,
    };
    if (known.labels.length > 0) reply.errorLabels = [...known.labels];
    if (replicaSet !== undefined && isNotPrimary(known.codeName)) {
      reply.topologyVersion = replicaSet.topologyVersion;
    }
    addTimes(reply, replicaSet);
    return reply;
  }

  #fault(error: unknown, origin: string): MongoServerError {
    const { log, onFault } = this.#services;
    log.error('COMMAND', 'Command failed with a fault of ours', {
      command: origin,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    onFault?.(error, origin);
    const message = error instanceof Error ? error.message : String(error);
    return new MongoServerError('InternalError', message, { cause: error });
  }
}
