import { isTruthy } from '../../bson/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { serverVersion } from './version.ts';

const replicaSetFields: readonly string[] = [
  'setName',
  'setVersion',
  'isWritablePrimary',
  'secondary',
  'primary',
  'me',
  'hosts',
  'passives',
  'arbiters',
  'arbiterOnly',
  'hidden',
  'electionId',
  'lastWrite',
];

/** What a status always has. */
const coreFields: ReadonlySet<string> = new Set([
  'host',
  'version',
  'process',
  'service',
  'pid',
  'uptime',
  'uptimeMillis',
  'uptimeEstimate',
  'localTime',
]);

/** `{metrics: 0}` leaves a section out; `{none: 1}` all that are not asked for by name. */
type Sections = ReadonlyMap<string, boolean>;

function readSections(body: CommandBody): Sections {
  const sections = new Map<string, boolean>();
  for (const name of body.fieldNames()) {
    if (name === body.name || body.isGeneric(name)) continue;
    const value = body.value(name);
    if (value !== undefined) sections.set(name, isTruthy(value));
  }
  return sections;
}

export const serverStatus = defineCommand<Sections>({
  name: 'serverStatus',
  help: 'Tells what the server has done and what it is doing.',
  access: 'admin',
  runsOn: 'anyMember',
  parse: readSections,
  run(sections, context) {
    const { counters, server, replicaSet } = context;
    const uptimeMs = Date.now() - server.startedAt.getTime();
    const memory = process.memoryUsage();
    const inMiB = (bytes: number): number => Math.round(bytes / 2 ** 20);
    const running = [...context.operations.all()].length;
    const commands: Record<string, unknown> = {};
    for (const [name, { total, failed }] of counters.commands) {
      commands[name] = { total: BigInt(total), failed: BigInt(failed) };
    }
    const reply: ReplyDocument = {
      host: server.host,
      version: serverVersion,
      process: 'mongod',
      service: ['mongod'],
      pid: BigInt(process.pid),
      uptime: Math.floor(uptimeMs / 1000),
      uptimeMillis: BigInt(uptimeMs),
      uptimeEstimate: BigInt(Math.floor(uptimeMs / 1000)),
      localTime: new Date(),
      asserts: {
        regular: 0,
        warning: 0,
        msg: 0,
        user: counters.assertsUser,
        tripwire: 0,
        rollovers: 0,
      },
      connections: server.connections(),
      extra_info: { note: 'fields vary by platform', page_faults: pageFaults() },
      globalLock: {
        totalTime: BigInt(uptimeMs) * 1000n,
        currentQueue: { total: 0, readers: 0, writers: 0 },
        activeClients: { total: running, readers: running, writers: 0 },
      },
      network: {
        bytesIn: BigInt(counters.bytesIn),
        bytesOut: BigInt(counters.bytesOut),
        physicalBytesIn: BigInt(counters.bytesIn),
        physicalBytesOut: BigInt(counters.bytesOut),
        numRequests: BigInt(counters.requests),
      },
      opcounters: {
        insert: BigInt(counters.insert),
        query: BigInt(counters.query),
        update: BigInt(counters.update),
        delete: BigInt(counters.delete),
        getmore: BigInt(counters.getmore),
        command: BigInt(counters.command),
      },
      mem: {
        bits: 64,
        resident: inMiB(memory.rss),
        virtual: inMiB(memory.rss + memory.external),
        supported: true,
      },
      metrics: {
        commands,
        ttl: {
          deletedDocuments: BigInt(counters.ttl.deletedDocuments),
          invalidTTLIndexSkips: 0n,
          passes: BigInt(counters.ttl.passes),
          subPasses: BigInt(counters.ttl.passes),
        },
      },
      storageEngine: { name: server.storageEngine, supportsCommittedReads: true, persistent: true },
      ...server.status(),
    };
    if (replicaSet !== undefined) {
      const facts = replicaSet.hello();
      const repl: ReplyDocument = {};
      for (const field of replicaSetFields) {
        if (facts[field] !== undefined) repl[field] = facts[field];
      }
      // mongostat reads the old name.
      repl.ismaster = facts.isWritablePrimary ?? false;
      reply.repl = repl;
    }
    const isShown = sections.get('none') !== true;
    for (const name of Object.keys(reply)) {
      if (!coreFields.has(name) && !(sections.get(name) ?? isShown)) delete reply[name];
    }
    return reply;
  },
});

function pageFaults(): number {
  return process.resourceUsage().majorPageFault;
}
