/** A client entity, and what was seen of it: its command, pool and topology events in order. */

import type { Document } from 'mongodb';
import {
  MongoClient,
  type MongoClientEvents,
  type MongoClientOptions,
  ReadPreference,
} from 'mongodb';
import { CannotRun, type EventType } from './format.ts';

export interface ObservedEvent {
  /** As specification files call it. */
  readonly name: string;
  readonly type: EventType;
  readonly event: Document;
}

/** The specification's name of an event, its kind, and the driver's name of it. */
const eventTable: Readonly<Record<string, readonly [EventType, keyof MongoClientEvents]>> = {
  commandStartedEvent: ['command', 'commandStarted'],
  commandSucceededEvent: ['command', 'commandSucceeded'],
  commandFailedEvent: ['command', 'commandFailed'],
  poolCreatedEvent: ['cmap', 'connectionPoolCreated'],
  poolReadyEvent: ['cmap', 'connectionPoolReady'],
  poolClearedEvent: ['cmap', 'connectionPoolCleared'],
  poolClosedEvent: ['cmap', 'connectionPoolClosed'],
  connectionCreatedEvent: ['cmap', 'connectionCreated'],
  connectionReadyEvent: ['cmap', 'connectionReady'],
  connectionClosedEvent: ['cmap', 'connectionClosed'],
  connectionCheckOutStartedEvent: ['cmap', 'connectionCheckOutStarted'],
  connectionCheckOutFailedEvent: ['cmap', 'connectionCheckOutFailed'],
  connectionCheckedOutEvent: ['cmap', 'connectionCheckedOut'],
  connectionCheckedInEvent: ['cmap', 'connectionCheckedIn'],
  serverDescriptionChangedEvent: ['sdam', 'serverDescriptionChanged'],
  serverHeartbeatStartedEvent: ['sdam', 'serverHeartbeatStarted'],
  serverHeartbeatSucceededEvent: ['sdam', 'serverHeartbeatSucceeded'],
  serverHeartbeatFailedEvent: ['sdam', 'serverHeartbeatFailed'],
  topologyDescriptionChangedEvent: ['sdam', 'topologyDescriptionChanged'],
  topologyOpeningEvent: ['sdam', 'topologyOpening'],
  topologyClosedEvent: ['sdam', 'topologyClosed'],
};

/** Commands whose events the driver redacts: Command Logging and Monitoring, "Security". */
const sensitiveCommands: ReadonlySet<string> = new Set([
  'authenticate',
  'saslStart',
  'saslContinue',
  'getnonce',
  'createUser',
  'updateUser',
  'copydbgetnonce',
  'copydbsaslstart',
  'copydb',
]);

const waitLimitMs = 10_000;

export class ObservedClient {
  readonly client: MongoClient;
  readonly events: ObservedEvent[] = [];
  checkedOutConnections = 0;
  #isListening = true;
  #changed: () => void = () => {};

  constructor(uri: string, specification: Document) {
    const { uriOptions, serverApi, observeEvents = [], autoEncryptOpts } = specification;
    if (autoEncryptOpts !== undefined) throw new CannotRun('needs client-side encryption');
    this.client = new MongoClient(withOptions(uri, uriOptions ?? {}), {
      monitorCommands: true,
      // The driver's own switch for tests: else each connect is followed by a ping of its own.
      __skipPingOnConnect: true,
      serverSelectionTimeoutMS: 10_000,
      // A server that failed on purpose shall be looked at again soon.
      ...(uriOptions?.heartbeatFrequencyMS === undefined && { heartbeatFrequencyMS: 500 }),
      ...(serverApi && { serverApi }),
      ...readPreferenceOf(uriOptions ?? {}),
    } as MongoClientOptions);
    const ignored = new Set<string>(specification.ignoreCommandMonitoringEvents ?? []);
    ignored.add('configureFailPoint');
    for (const name of observeEvents as readonly string[]) {
      const row = eventTable[name];
      if (row === undefined) throw new CannotRun(`the event ${name} is not observed`);
      const [type, driverName] = row;
      this.client.on(driverName, (event: Document) => {
        if (!this.#isListening || ignored.has(event.commandName)) return;
        if (isSensitive(event) && specification.observeSensitiveCommands !== true) return;
        this.events.push({ name, type, event });
        this.#changed();
      });
    }
    this.client.on('connectionCheckedOut', () => this.checkedOutConnections++);
    this.client.on('connectionCheckedIn', () => this.checkedOutConnections--);
  }

  stopListening(): void {
    this.#isListening = false;
  }

  /** Resolves when `isEnough` says so of the events seen; throws after ten seconds. */
  async awaitEvents(isEnough: (events: readonly ObservedEvent[]) => boolean): Promise<void> {
    const timeout = AbortSignal.timeout(waitLimitMs);
    while (!isEnough(this.events)) {
      await new Promise<void>((resolve, reject) => {
        this.#changed = resolve;
        timeout.onabort = () => reject(new Error('the expected events did not come'));
      });
    }
  }
}

function isSensitive({ commandName, command, reply }: Document): boolean {
  if (sensitiveCommands.has(commandName)) return true;
  if (commandName !== 'hello' && commandName?.toLowerCase() !== 'ismaster') return false;
  // The driver empties what held a speculative authentication.
  return [command, reply].some((body) => body !== undefined && Object.keys(body).length === 0);
}

/** `readPreferenceTags` is a list of texts there, which a URI repeats key by key. */
function withOptions(uri: string, options: Document): string {
  const [base, query] = uri.split('?') as [string, string | undefined];
  const parameters = new URLSearchParams(query);
  const isDirect = options.directConnection === true;
  if (isDirect) parameters.delete('replicaSet');
  for (const [key, value] of Object.entries(options)) {
    if (value !== null && typeof value === 'object' && '$$placeholder' in value) {
      throw new CannotRun(`${key} comes from a test environment that is not here`);
    }
    if (key.startsWith('readPreference')) continue;
    parameters.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  const hosts = isDirect ? base.replace(/,[^/]*/, '') : base;
  return `${hosts}?${parameters.toString()}`;
}

function readPreferenceOf(options: Document): MongoClientOptions {
  const { readPreference, readPreferenceTags } = options;
  if (readPreference === undefined) return {};
  const tags = (readPreferenceTags as readonly string[] | undefined)?.map((text) =>
    Object.fromEntries(text.split(',').map((pair) => pair.split(':'))),
  );
  return { readPreference: new ReadPreference(readPreference, tags) };
}
