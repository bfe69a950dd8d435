import type { Command, OpCounter } from '../command.ts';
import { Latency, type LatencyKind, latencyKindOf } from './latencies.ts';

type CountedCommand = Pick<Command, 'name' | 'access' | 'counter'>;

/** Namespaces `top` keeps apart; the ones after are not counted. */
const namespacesMax = 10_000;

export type NamespaceEvent =
  | 'total'
  | 'readLock'
  | 'writeLock'
  | 'queries'
  | 'getmore'
  | 'insert'
  | 'update'
  | 'remove'
  | 'commands';

/** Microseconds and number of commands. */
export type EventCounts = Record<NamespaceEvent, { time: number; count: number }>;

export interface NamespaceUse {
  readonly events: EventCounts;
  readonly latencies: Partial<Record<LatencyKind, Latency>>;
}

const eventOfCounter: Record<OpCounter, NamespaceEvent> = {
  insert: 'insert',
  query: 'queries',
  update: 'update',
  delete: 'remove',
  getmore: 'getmore',
  command: 'commands',
  none: 'commands',
};

/** Counted since start, reported by serverStatus and top. Plain fields: they are on every path. */
export class Counters {
  insert = 0;
  query = 0;
  update = 0;
  delete = 0;
  getmore = 0;
  command = 0;
  bytesIn = 0;
  bytesOut = 0;
  requests = 0;
  assertsUser = 0;
  /** What the TTL monitor did as primary. */
  readonly ttl = { deletedDocuments: 0, passes: 0 };
  /** Per command: how often it ran and how often it failed. */
  readonly commands = new Map<string, { total: number; failed: number }>();

  countCommand(name: string): { total: number; failed: number } {
    let entry = this.commands.get(name);
    if (entry === undefined) {
      entry = { total: 0, failed: 0 };
      this.commands.set(name, entry);
    }
    entry.total++;
    return entry;
  }

  readonly namespaces = new Map<string, NamespaceUse>();

  /** `duration` in milliseconds. */
  countNamespace(namespace: string, command: CountedCommand, duration: number): void {
    const { name, access, counter = 'command' } = command;
    let use = this.namespaces.get(namespace);
    if (use === undefined) {
      // A name no collection can have cannot be a field name of the reply of top either.
      if (this.namespaces.size >= namespacesMax || namespace.includes('\0')) return;
      const events = {} as EventCounts;
      for (const event of namespaceEvents) events[event] = { time: 0, count: 0 };
      use = { events, latencies: {} };
      this.namespaces.set(namespace, use);
    }
    const microseconds = Math.round(duration * 1000);
    const { events, latencies } = use;
    addUse(events.total, microseconds);
    addUse(access === 'read' ? events.readLock : events.writeLock, microseconds);
    addUse(events[eventOfCounter[counter]], microseconds);
    const kind = latencyKindOf(name, counter);
    let latency = latencies[kind];
    if (latency === undefined) {
      latency = new Latency();
      latencies[kind] = latency;
    }
    latency.add(microseconds);
  }
}

const namespaceEvents: readonly NamespaceEvent[] = [
  'total',
  'readLock',
  'writeLock',
  'queries',
  'getmore',
  'insert',
  'update',
  'remove',
  'commands',
];

function addUse(use: { time: number; count: number }, microseconds: number): void {
  use.time += microseconds;
  use.count++;
}
