import {
  compareGtids,
  completeConfig,
  createMember,
  type Effect,
  formatGtid,
  type Gtid,
  gtidsEqual,
  type Input,
  initialGtid,
  isSatisfied,
  isWritable,
  type Member,
  type Message,
  nextDeadline,
  type ReplicaSetConfig,
  type ReplicaSetConfigInput,
  type RulesForTests,
  step,
  type VoteRecord,
  type WriteConcern,
  writeMajority,
} from '../../src/ark/index.ts';

/*
 * A whole replica set on virtual time: real cores, a network with delays and cuts, disks that are durable later
 * and lose what was not, logs as arrays. One seed gives one history. After every step the invariants of the
 * algorithm are checked; a breach throws `InvariantBroken`.
 */

export class InvariantBroken extends Error {}

/** Small and fast seeded generator (mulberry32). */
export function randomFrom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Entry {
  readonly gtid: Gtid;
  readonly value: string;
  /** Chain over all entries up to this one. */
  readonly hash: string;
}

export interface Node {
  readonly id: number;
  readonly host: string;
  member: Member | undefined;
  incarnation: string;
  log: Entry[];
  durableLength: number;
  vote: VoteRecord | undefined;
  config: ReplicaSetConfig | undefined;
  rollbackId: number;
  initialSyncDone: boolean;
  commitPoint: Gtid;
  /** Changes when the process restarts: events of an earlier life are dropped. */
  life: number;
  persistedToken: number;
  diskFreeAt: number;
  held: { token: number; message: Message; to: number }[];
  source: number | undefined;
  pullGeneration: number;
  tickGeneration: number;
  paused: boolean;
  replies: Map<number, Effect & { kind: 'reply' }>;
}

export interface ClusterOptions {
  readonly members: number;
  readonly seed?: number;
  readonly rules?: RulesForTests;
  readonly config?: Partial<ReplicaSetConfigInput>;
  /** Members by id with other than default settings. */
  readonly memberOverrides?: Record<number, Partial<ReplicaSetConfigInput['members'][number]>>;
  readonly diskMillis?: number;
  readonly networkMillis?: readonly [number, number];
  /** Disks take up to 20 times as long, differently for each write. */
  readonly slowDisks?: boolean;
  readonly lossRate?: number;
}

export class Cluster {
  now = 0;
  readonly nodes: Node[] = [];
  readonly trace: string[] = [];
  readonly random: () => number;
  /** Return false to lose a message, another message to forge it. */
  filter: (from: number, to: number, message: Message) => boolean | Message = () => true;
  messagesSent = 0;
  readonly sentKinds: Record<string, number> = {};

  #options: ClusterOptions;
  #events: { time: number; order: number; run: () => void }[] = [];
  #order = 0;
  #cut = new Set<string>();
  #values = 0;
  #commands = 0;

  // What the checkers remember.
  readonly primaryOfTerm = new Map<number, number>();
  readonly committed = new Map<string, string>();
  #hashOfGtid = new Map<string, string>();
  #yesOfTerm = new Map<string, number>();
  #votedTerm = new Map<string, number>();
  #primaryLogs: { term: number; hashes: Set<string> }[] = [];
  rollbacks = 0;
  #disksLost = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.random = randomFrom(options.seed ?? 1);
    for (let id = 0; id < options.members; id++) {
      this.nodes.push({
        id,
        host: `n${id}:1`,
        member: undefined,
        incarnation: `i${id}`,
        log: [],
        durableLength: 0,
        vote: undefined,
        config: undefined,
        rollbackId: 0,
        initialSyncDone: false,
        commitPoint: initialGtid,
        life: 0,
        persistedToken: 0,
        diskFreeAt: 0,
        held: [],
        source: undefined,
        pullGeneration: 0,
        tickGeneration: 0,
        paused: false,
        replies: new Map(),
      });
    }
  }

  /** The configuration all members share in `bootstrapped`. */
  configInput(): ReplicaSetConfigInput {
    const overrides = this.#options.memberOverrides ?? {};
    return {
      _id: 'rs',
      members: this.nodes.map(({ id, host }) => ({ _id: id, host, ...overrides[id] })),
      ...this.#options.config,
    };
  }

  /** Starts all members with the configuration on disk and a first entry (1,0) everywhere. */
  bootstrap(): this {
    const config = { ...completeConfig(this.configInput()), term: 1 };
    const first = this.#makeEntry({ term: 1, opid: 0 }, undefined);
    for (const node of this.nodes) {
      node.config = config;
      node.initialSyncDone = true;
      node.vote = {
        term: 1,
        candidate: 0,
        incarnation: node.incarnation,
        configTerm: 0,
        configVersion: 1,
      };
      const isArbiter = config.members.find((one) => one._id === node.id)?.arbiterOnly === true;
      if (!isArbiter) {
        node.log = [first];
        node.durableLength = 1;
      }
    }
    this.committed.set(formatGtid(first.gtid), first.hash);
    this.#hashOfGtid.set(formatGtid(first.gtid), first.hash);
    for (const node of this.nodes) this.start(node.id);
    return this;
  }

  node(id: number): Node {
    const node = this.nodes[id];
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  member(id: number): Member {
    const { member } = this.node(id);
    if (member === undefined) throw new Error(`n${id} is down`);
    return member;
  }

  start(id: number): void {
    const node = this.node(id);
    node.life += 1;
    node.persistedToken = 0;
    node.held = [];
    node.source = undefined;
    node.paused = false;
    node.commitPoint = initialGtid;
    const { rules } = this.#options;
    node.member = createMember({
      host: node.host,
      incarnation: node.incarnation,
      processId: `${id}.${node.life}`,
      now: this.now,
      lastEntry: node.log.at(-1)?.gtid ?? initialGtid,
      rollbackId: node.rollbackId,
      needsInitialSync: !node.initialSyncDone && node.log.length === 0,
      ...(node.vote === undefined ? {} : { vote: node.vote }),
      ...(node.config === undefined ? {} : { config: node.config }),
      ...(rules === undefined ? {} : { rules }),
    });
    this.say(id, 'starts');
    this.feed(id, { kind: 'tick', now: this.now, random: this.random() });
  }

  /** kill -9, with or without power loss. Connections close, which the others notice unless cut off. */
  crash(id: number, loseUnsynced = true): void {
    const node = this.node(id);
    if (node.member === undefined) return;
    node.member = undefined;
    node.life += 1;
    if (loseUnsynced) node.log.length = node.durableLength;
    else node.durableLength = node.log.length;
    this.say(id, 'crashes');
    for (const other of this.nodes)
      if (other.member !== undefined && !this.isCut(id, other.id)) this.#disconnect(other.id, id);
  }

  /** The data directory is lost. */
  wipe(id: number): void {
    const node = this.node(id);
    this.crash(id);
    this.#disksLost += 1;
    node.log = [];
    node.durableLength = 0;
    node.vote = undefined;
    node.config = undefined;
    node.rollbackId = 0;
    node.initialSyncDone = false;
    node.incarnation = `${node.incarnation}'`;
  }

  /** Silently: no connection closes, packets vanish. */
  cut(a: readonly number[], b: readonly number[]): void {
    for (const x of a) for (const y of b) this.#cut.add(`${x}>${y}`).add(`${y}>${x}`);
  }

  cutOneWay(from: number, to: number): void {
    this.#cut.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cut.clear();
    this.filter = () => true;
  }

  isCut(from: number, to: number): boolean {
    return this.#cut.has(`${from}>${to}`);
  }

  /** A stopped process (SIGSTOP): time passes without it. */
  pause(id: number): void {
    this.node(id).paused = true;
  }

  resume(id: number): void {
    const node = this.node(id);
    node.paused = false;
    if (node.member !== undefined) this.tick(id);
  }

  tick(id: number): void {
    this.feed(id, { kind: 'tick', now: this.now, random: this.random() });
  }

  run(millis: number): this {
    return this.runUntil(() => false, millis, false);
  }

  /** Runs until the condition holds; throws if it does not within the time. */
  runUntil(condition: () => boolean, millis = 20_000, mustHold = true): this {
    const end = this.now + millis;
    while (!condition()) {
      const next = this.#events[0];
      if (next === undefined || next.time > end) {
        this.now = end;
        if (mustHold) throw new Error(`did not happen within ${millis} ms\n${this.story()}`);
        return this;
      }
      this.#pop();
      this.now = Math.max(this.now, next.time);
      next.run();
    }
    return this;
  }

  /** The only writable primary of the highest term, if any. */
  primary(): number | undefined {
    const primaries = this.nodes.filter(
      (node) => node.member !== undefined && isWritable(node.member),
    );
    const terms = (node: Node) => node.member?.maxVotedTermId ?? 0;
    return primaries.toSorted((a, b) => terms(b) - terms(a))[0]?.id;
  }

  awaitPrimary(millis = 20_000): number {
    this.runUntil(() => this.primary() !== undefined, millis);
    return this.primary() ?? -1;
  }

  write(id: number, value = `v${this.#values}`): Gtid | undefined {
    this.#values += 1;
    const { member, log } = this.node(id);
    if (member === undefined || member.role.kind !== 'primary' || !isWritable(member))
      return undefined;
    const last = log.at(-1)?.gtid ?? initialGtid;
    const { term } = member.role;
    const gtid = last.term === term ? { term, opid: last.opid + 1 } : { term, opid: 0 };
    this.#append(this.node(id), this.#makeEntry(gtid, log.at(-1), value));
    return gtid;
  }

  isAcknowledged(id: number, gtid: Gtid, concern: WriteConcern = { w: 'majority' }): boolean {
    const { member } = this.node(id);
    if (member?.role.kind !== 'primary' || member.role.term !== gtid.term) return false;
    return isSatisfied(member, concern, gtid);
  }

  isCommitted(gtid: Gtid): boolean {
    return this.committed.has(formatGtid(gtid));
  }

  holds(id: number, gtid: Gtid): boolean {
    return this.node(id).log.some((entry) => gtidsEqual(entry.gtid, gtid));
  }

  logsAreEqual(): boolean {
    const live = this.nodes.filter(
      (node) => node.member !== undefined && node.member.role.kind !== 'arbiter',
    );
    return new Set(live.map((node) => node.log.at(-1)?.hash)).size === 1;
  }

  command(
    id: number,
    command: Record<string, unknown> & { kind: string },
  ): Effect & { kind: 'reply' } {
    this.#commands += 1;
    this.feed(id, { ...command, command: this.#commands, now: this.now } as unknown as Input);
    const reply = this.node(id).replies.get(this.#commands);
    if (reply === undefined) throw new Error('command was not answered');
    return reply;
  }

  feed(id: number, input: Input): void {
    const node = this.node(id);
    if (node.member === undefined) return;
    const effects = step(node.member, input);
    for (const effect of effects) this.#perform(node, effect);
    this.#check(node);
    this.#scheduleTick(node);
  }

  story(): string {
    return this.trace.join('\n');
  }

  say(id: number, what: string): void {
    this.trace.push(`${String(Math.round(this.now)).padStart(6)} n${id} ${what}`);
  }

  // --- performing effects

  #perform(node: Node, effect: Effect): void {
    const { life } = node;
    switch (effect.kind) {
      case 'persist':
        // Persists are made in order.
        node.diskFreeAt = Math.max(node.diskFreeAt, this.now + this.#diskMillis());
        this.#after(node.diskFreeAt - this.now, node, () => {
          if (effect.vote !== undefined) node.vote = effect.vote;
          if (effect.config !== undefined) node.config = effect.config;
          node.persistedToken = effect.token;
          const ready = node.held.filter((one) => one.token <= effect.token);
          node.held = node.held.filter((one) => one.token > effect.token);
          for (const one of ready) this.#depart(node, one.to, one.message);
          this.feed(node.id, { kind: 'persisted', token: effect.token, now: this.now });
        });
        break;
      case 'send': {
        const to = this.nodes.find((one) => one.host === effect.to.host)?.id;
        if (to === undefined) break;
        if (effect.afterToken !== undefined && effect.afterToken > node.persistedToken)
          node.held.push({ token: effect.afterToken, message: effect.message, to });
        else this.#depart(node, to, effect.message);
        break;
      }
      case 'syncFrom':
        node.source = effect.source?.member;
        node.pullGeneration += 1;
        this.#schedulePull(node, node.pullGeneration);
        break;
      case 'role':
        this.say(
          node.id,
          `is ${effect.state}${effect.writable ? ', writable' : ''} (${effect.because})`,
        );
        break;
      case 'commitPoint':
        this.#checkCommitPoint(node, effect.gtid);
        node.commitPoint = effect.gtid;
        break;
      case 'writeNoop': {
        const gtid = { term: effect.term, opid: 0 };
        this.#append(node, this.#makeEntry(gtid, node.log.at(-1), `noop by n${node.id}`));
        break;
      }
      case 'startInitialSync':
        this.#after(5, node, () => this.#initialSync(node, effect.source.member));
        break;
      case 'rollback':
        this.#after(1, node, () => this.#undo(node, effect.source.member));
        break;
      case 'reply':
        node.replies.set(effect.command, effect);
        break;
      case 'log': {
        const hidden = ['attempt', 'lastEntry'];
        const fields = Object.entries(effect.fields)
          .filter(([name]) => !hidden.includes(name))
          .map(([name, value]) => ` ${name}=${value}`)
          .join('');
        this.say(node.id, `${effect.mark}${fields}`);
        break;
      }
      case 'fatal':
        throw new InvariantBroken(`n${node.id} fatal: ${effect.because}\n${this.story()}`);
      case 'config':
      case 'failWaiters':
      case 'progress':
        break;
      default:
        effect satisfies never;
    }
    if (life !== node.life) throw new Error('a node must not restart while it performs effects');
  }

  #depart(node: Node, to: number, sent: Message): void {
    this.#checkMessage(node, sent);
    this.messagesSent += 1;
    this.sentKinds[sent.kind] = (this.sentKinds[sent.kind] ?? 0) + 1;
    const filtered = this.filter(node.id, to, sent);
    if (filtered === false) return;
    const message = filtered === true ? sent : filtered;
    if (this.random() < (this.#options.lossRate ?? 0)) return;
    const [shortest, longest] = this.#options.networkMillis ?? [1, 1];
    const delay = shortest + this.random() * (longest - shortest);
    this.#at(this.now + delay, () => {
      if (this.isCut(node.id, to)) return;
      const target = this.node(to);
      if (target.member === undefined) {
        if (node.member !== undefined) this.#disconnect(node.id, to);
        return;
      }
      const deliver = () => this.feed(to, { kind: 'message', message, now: this.now });
      if (target.paused) this.#after(50, target, deliver);
      else deliver();
    });
  }

  #disconnect(at: number, from: number): void {
    this.#after(1, this.node(at), () => {
      if (this.node(from).member === undefined)
        this.feed(at, { kind: 'peerDisconnected', member: from, now: this.now });
    });
  }

  #schedulePull(node: Node, generation: number): void {
    if (node.source === undefined) return;
    this.#after(1 + this.random() * 2, node, () => {
      if (node.pullGeneration !== generation || node.source === undefined) return;
      this.#pull(node, node.source);
      this.#schedulePull(node, node.pullGeneration === generation ? generation : -1);
    });
  }

  #pull(node: Node, from: number): void {
    const source = this.node(from);
    const tell = (outcome: (Input & { kind: 'fetched' })['outcome']) => {
      const told = source.member;
      this.feed(node.id, {
        kind: 'fetched',
        source: from,
        outcome,
        now: this.now,
        ...(told === undefined || outcome === 'unreachable'
          ? {}
          : { sourceLastEntry: told.lastEntry, sourceCommitPoint: told.commitPoint }),
      });
    };
    const serves =
      source.member !== undefined &&
      ['primary', 'secondary', 'candidate'].includes(source.member.role.kind);
    if (!serves || source.paused || this.isCut(node.id, from) || this.isCut(from, node.id)) {
      // A cut is silence, not an error.
      if (serves && !source.paused) return;
      tell('unreachable');
      return;
    }
    const last = node.log.at(-1);
    const sourceLast = source.log.at(-1);
    const at = last === undefined ? -1 : source.log.findIndex((one) => one.hash === last.hash);
    if (last !== undefined && at === -1) {
      const isAhead = sourceLast !== undefined && compareGtids(sourceLast.gtid, last.gtid) > 0;
      tell(
        isAhead || this.#options.rules?.off.includes('rollbackOnlyForward')
          ? 'diverged'
          : 'nothing',
      );
      return;
    }
    const batch = source.log.slice(at + 1, at + 1 + Math.ceil(this.random() * 3));
    if (batch.length === 0) tell('ok');
    const commitPoint = source.member?.commitPoint ?? initialGtid;
    for (const entry of batch) this.#append(node, entry, commitPoint);
  }

  #append(node: Node, entry: Entry, sourceCommitPoint?: Gtid): void {
    const last = node.log.at(-1);
    if (last !== undefined && compareGtids(entry.gtid, last.gtid) <= 0)
      throw new InvariantBroken(
        `LogOrdered: ${formatGtid(entry.gtid)} after ${formatGtid(last.gtid)}\n${this.story()}`,
      );
    const key = formatGtid(entry.gtid);
    const known = this.#hashOfGtid.get(key) ?? entry.hash;
    if (known !== entry.hash)
      throw new InvariantBroken(`GtidUnique: ${key} names two entries\n${this.story()}`);
    this.#hashOfGtid.set(key, entry.hash);
    node.log.push(entry);
    const { rollbackId } = node;
    this.feed(node.id, {
      kind: 'appended',
      gtid: entry.gtid,
      now: this.now,
      ...(sourceCommitPoint === undefined ? {} : { sourceCommitPoint }),
    });
    this.#after(this.#diskMillis(), node, () => {
      if (node.rollbackId === rollbackId) {
        const index = node.log.findIndex((one) => one.hash === entry.hash);
        node.durableLength = Math.max(node.durableLength, index + 1);
      }
      this.feed(node.id, { kind: 'durable', gtid: entry.gtid, rollbackId, now: this.now });
    });
  }

  #undo(node: Node, from: number): void {
    const source = this.node(from).log;
    const last = node.log.at(-1);
    const isCommon = last === undefined || source.some((one) => one.hash === last.hash);
    if (!isCommon && last !== undefined) {
      if (this.committed.get(formatGtid(last.gtid)) === last.hash)
        throw new InvariantBroken(
          `NoCommittedRollback: n${node.id} removes ${formatGtid(last.gtid)}\n${this.story()}`,
        );
      node.log.pop();
      node.durableLength = Math.min(node.durableLength, node.log.length);
      node.rollbackId += 1;
      this.rollbacks += 1;
    }
    const to = node.log.at(-1)?.gtid ?? initialGtid;
    this.feed(node.id, {
      kind: 'rolledBack',
      to,
      rollbackId: node.rollbackId,
      finished: isCommon,
      now: this.now,
    });
    if (!isCommon) this.#after(1, node, () => this.#undo(node, from));
  }

  #initialSync(node: Node, from: number): void {
    const source = this.node(from);
    const isReachable =
      source.member !== undefined && !this.isCut(node.id, from) && !this.isCut(from, node.id);
    if (isReachable) {
      node.log = [...source.log];
      node.durableLength = node.log.length;
      node.initialSyncDone = true;
    }
    const lastEntry = node.log.at(-1)?.gtid ?? initialGtid;
    const outcome = isReachable ? 'ok' : 'failed';
    this.feed(node.id, {
      kind: 'initialSyncFinished',
      outcome,
      source: from,
      lastEntry,
      now: this.now,
    });
  }

  #makeEntry(gtid: Gtid, previous: Entry | undefined, value = 'first'): Entry {
    const unique = `${value}#${this.#values++}`;
    let sum = 0;
    for (const char of `${previous?.hash ?? ''}|${formatGtid(gtid)}|${unique}`)
      sum = (Math.imul(sum, 31) + char.charCodeAt(0)) | 0;
    return { gtid, value, hash: `${formatGtid(gtid)}${unique}${sum}` };
  }

  #scheduleTick(node: Node): void {
    if (node.member === undefined) return;
    node.tickGeneration += 1;
    const generation = node.tickGeneration;
    const due = Math.max(nextDeadline(node.member), this.now);
    this.#after(due - this.now, node, () => {
      if (node.tickGeneration === generation && !node.paused) this.tick(node.id);
    });
  }

  #diskMillis(): number {
    const { diskMillis = 2, slowDisks = false } = this.#options;
    return slowDisks ? diskMillis * (1 + 20 * this.random() ** 3) : diskMillis;
  }

  // --- virtual time

  #after(millis: number, node: Node, run: () => void): void {
    const { life } = node;
    this.#at(this.now + millis, () => {
      if (node.life === life && node.member !== undefined) run();
    });
  }

  #at(time: number, run: () => void): void {
    this.#order += 1;
    const event = { time, order: this.#order, run };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.time <= time) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }

  #pop(): void {
    this.#events.shift();
  }

  // --- invariants (checked after every step)

  #broken(name: string, detail: string): never {
    throw new InvariantBroken(`${name}: ${detail}\n${this.story()}`);
  }

  #check(node: Node): void {
    const { member } = node;
    if (member === undefined) return;
    const { maxVotedTermId, maxKnownTermId, lastEntry, lastDurable, role } = member;
    const life = `${node.id}.${node.life}`;
    if (maxVotedTermId < (this.#votedTerm.get(life) ?? 0))
      this.#broken('VoteMonotone', `n${node.id}`);
    this.#votedTerm.set(life, maxVotedTermId);
    if (member.rules.appendRaisesVotedTerm && maxVotedTermId < lastEntry.term)
      this.#broken('VoteCoversLog', `n${node.id}`);
    if (maxKnownTermId < maxVotedTermId) this.#broken('VoteCoversLog', `n${node.id} known`);
    if (compareGtids(lastDurable, lastEntry) > 0) this.#broken('DurableWithinLog', `n${node.id}`);
    if (role.kind === 'primary' && this.primaryOfTerm.get(role.term) !== node.id)
      this.#checkNewPrimary(node, role.term);
  }

  #checkNewPrimary(node: Node, term: number): void {
    const other = this.primaryOfTerm.get(term);
    if (other !== undefined)
      this.#broken('ElectionSafety', `n${other} and n${node.id} are primary of term ${term}`);
    this.primaryOfTerm.set(term, node.id);
    // The no-op of this tenure may already be there: the core asked for it in the same step.
    const before = node.log.filter((entry) => entry.gtid.term < term);
    if (before.length < node.log.length - 1)
      this.#broken('TermAboveLog', `n${node.id} term ${term}`);
    if (node.vote?.term !== term && node.member?.rules.ownVoteDurable)
      this.#broken('OwnVoteDurable', `n${node.id} term ${term}`);
    const hashes = new Set(node.log.map((entry) => entry.hash));
    for (const [gtid, hash] of this.committed)
      if (!hashes.has(hash))
        this.#broken('LeaderCompleteness', `n${node.id} (term ${term}) lacks ${gtid}`);
    this.#primaryLogs.push({ term, hashes });
  }

  #checkCommitPoint(node: Node, gtid: Gtid): void {
    const { member } = node;
    if (member === undefined) return;
    if (compareGtids(gtid, node.commitPoint) < 0)
      this.#broken('CommitPointMonotone', `n${node.id}`);
    const index = node.log.findIndex((entry) => gtidsEqual(entry.gtid, gtid));
    const entry = node.log[index];
    if (entry === undefined) this.#broken('CommitPointInLog', `n${node.id} ${formatGtid(gtid)}`);
    if (member.role.kind !== 'primary') {
      if (this.committed.get(formatGtid(gtid)) !== entry.hash)
        this.#broken('CommitPointIsCommitted', `n${node.id} ${formatGtid(gtid)}`);
      return;
    }
    const voters =
      member.config?.members.filter((one) => one.votes === 1 && !one.arbiterOnly) ?? [];
    const durableAt = voters.filter(({ _id }) => {
      const other = this.node(_id);
      return other.log.slice(0, other.durableLength).some((one) => one.hash === entry.hash);
    });
    const needed = member.config === undefined ? 1 : writeMajority(member.config);
    // Facts are about the past, so fewer may hold it now only if one was rolled back, which a commit forbids.
    if (member.rules.acknowledgeDurableOnly && this.#disksLost === 0 && durableAt.length < needed)
      this.#broken('CommitNeedsMajority', `n${node.id} ${formatGtid(gtid)} on ${durableAt.length}`);
    for (const one of node.log.slice(0, index + 1)) {
      if (this.committed.has(formatGtid(one.gtid))) continue;
      this.committed.set(formatGtid(one.gtid), one.hash);
      for (const later of this.#primaryLogs)
        if (
          later.term > one.gtid.term &&
          member.role.term < later.term &&
          !later.hashes.has(one.hash)
        )
          this.#broken(
            'LeaderCompleteness',
            `term ${later.term} lacks ${formatGtid(one.gtid)}, committed later`,
          );
    }
  }

  #checkMessage(node: Node, message: Message): void {
    const { member } = node;
    if (member === undefined) return;
    if (message.kind === 'voteAnswer' && message.granted) {
      if (member.rules.voteDurableBeforeAnswer && (node.vote?.term ?? 0) < message.electionTermId)
        this.#broken('VoteDurableBeforeReply', `n${node.id} term ${message.electionTermId}`);
      const key = `${node.incarnation}:${message.electionTermId}`;
      const earlier = this.#yesOfTerm.get(key) ?? message.to;
      if (earlier !== message.to)
        this.#broken('OneVotePerTerm', `n${node.id} term ${message.electionTermId}`);
      this.#yesOfTerm.set(key, message.to);
    }
    const facts = message.kind === 'positionReport' ? message.positions : [];
    for (const fact of facts) {
      if (fact.member !== node.id || fact.rollbackId !== node.rollbackId) continue;
      const durable = node.log[node.durableLength - 1]?.gtid ?? initialGtid;
      if (member.rules.acknowledgeDurableOnly && compareGtids(fact.position, durable) > 0)
        this.#broken('AckDurable', `n${node.id} ${formatGtid(fact.position)}`);
    }
  }
}
