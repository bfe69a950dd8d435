import {
  compareConfigVersions,
  configVersionOf,
  type Effect,
  memberById,
  type ReplicaSetConfig,
  type ReplicaSetConfigInput,
  type SafetyRules,
  voteMajority,
  votersOf,
} from '../../../src/ark/index.ts';
import {
  type Clients,
  type DiskImage,
  entryWithGtid,
  type MemberView,
  type Node,
  type World,
} from '../world/index.ts';
import { changedConfig } from './changed-config.ts';
import type { Draw } from './draw.ts';
import { LateMessages, lateStandNow, strangersRequest } from './late-messages.ts';
import type { Action, Ambush, ConfigChange, Setup, Who } from './plan.ts';

/** Does what plans say to a world, as far as it means anything at that moment and is documented to be survived. */
export class Actor<M> {
  readonly #world: World<M>;
  readonly #clients: Clients<M>;
  readonly #setup: Setup;
  readonly #rules: { readonly areAllOn: boolean; readonly recordIncarnations: boolean };
  readonly #images = new Map<number, DiskImage>();
  /** How often each kind of action really did something. */
  readonly done = new Map<string, number>();
  /** A member was removed or lost its vote: what `force` brings back may be older than that. */
  #hasChangedVoters = false;
  #lateMessages: LateMessages<M> | undefined;
  #isDisturbing = true;

  /** `off`: safety rules that this world goes without. */
  constructor(
    world: World<M>,
    clients: Clients<M>,
    setup: Setup,
    off: readonly (keyof SafetyRules)[] = [],
  ) {
    this.#world = world;
    this.#clients = clients;
    this.#setup = setup;
    this.#rules = {
      areAllOn: off.length === 0,
      recordIncarnations: !off.includes('incarnationsChecked'),
    };
  }

  /** What is sent from now on may be replayed. */
  rememberMessages(): void {
    this.#lateMessages = new LateMessages(this.#world);
  }

  act(action: Action): void {
    if (!this.#does(action)) return;
    const name = action.do === 'partition' ? `partition ${action.shape}` : action.do;
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }

  #does(action: Action): boolean {
    const world = this.#world;
    switch (action.do) {
      case 'startAll':
        for (const { id, member } of world.nodes) if (member === undefined) world.start(id);
        return true;
      case 'powerCut':
        for (const { id } of world.nodes) world.crash(id);
        for (const { id } of world.nodes) world.start(id);
        return true;
      case 'partition':
        world.network.heal();
        for (const [from, to] of action.cut) world.network.cutOneWay(from, to);
        if (world.tellsStory) world.say(-1, `${action.shape}: ${links(action.cut)} cut`);
        return true;
      case 'cutLink':
        world.network.cutOneWay(...action.link);
        return true;
      case 'heal':
        world.network.heal();
        if (world.tellsStory) world.say(-1, 'all links heal');
        return true;
      case 'clog':
        world.network.clog(...action.link, world.now + action.millis);
        return true;
      case 'replay':
        return this.#lateMessages?.deliver(action.kind, action.back) ?? false;
    }
    const node = this.#find(action.who);
    return node !== undefined && this.#doesAt(node, action);
  }

  #doesAt(node: Node<M>, action: Extract<Action, { who: Who }>): boolean {
    const world = this.#world;
    const { id, disk, member } = node;
    const isUp = member !== undefined;
    switch (action.do) {
      case 'write':
        for (let i = 0; i < action.count; i++) this.#clients.write(id, action.concern);
        return true;
      case 'strand':
        for (const one of node.view?.config?.members ?? [])
          if (one.votes === 1) world.network.cut([id], [one._id]);
        return isUp;
      case 'crash':
        if (isUp) world.crash(id, action.survivingShare);
        return isUp;
      case 'read':
        this.#clients.read(id);
        return isUp;
      case 'restart':
        if (isUp) this.#restart(id, action.survivingShare);
        return isUp;
      case 'start':
        if (!isUp) world.start(id);
        return !isUp;
      case 'pause':
        if (isUp && !node.isPaused) world.pause(id);
        return isUp;
      case 'resume':
        if (node.isPaused) world.resume(id);
        return true;
      case 'drift':
        world.drift(id, action.rate);
        return true;
      case 'jumpClock':
        node.clock.skewMillis += action.millis;
        return true;
      case 'slowDisk':
        disk.timing = { ...disk.timing, flushMillis: action.flushMillis };
        return true;
      case 'failFlush':
        disk.isFailing = isUp;
        return isUp;
      case 'failWrite':
        if (isUp && !node.isPaused)
          world.feed(id, { kind: 'writeFailed', now: world.ownNow(node) });
        return isUp;
      case 'snapshot':
        if (disk.isComplete) this.#images.set(id, disk.snapshot());
        return disk.isComplete;
      case 'wipe':
        if (!this.#mayLoseDisk(node)) return false;
        world.wipe(id);
        world.start(id);
        return true;
      case 'restore': {
        const image = this.#images.get(id);
        if (image === undefined || !this.#mayLoseDisk(node)) return false;
        world.restore(id, image);
        world.start(id);
        return true;
      }
      case 'trim':
        return this.#trim(node);
      case 'reconfig':
        return this.#reconfig(node, action.change);
      case 'stepDown':
        return this.#command(node, {
          kind: 'stepDown',
          force: action.force,
          freezeMillis: action.freezeMillis,
        });
      case 'freeze':
        return this.#command(node, { kind: 'freeze', millis: action.millis });
      case 'maintenance':
        return this.#command(node, { kind: 'maintenance', on: action.on });
      case 'syncFrom':
        return this.#command(node, { kind: 'syncFrom', member: action.source });
      case 'stranger':
        if (isUp && !node.isPaused) world.feed(id, strangersRequest(world, node, action.set));
        return isUp;
      case 'standNow':
        if (isUp && !node.isPaused) world.feed(id, lateStandNow(world, node, action.from));
        return isUp;
    }
  }

  #restart(id: number, survivingShare: number): void {
    this.#world.crash(id, survivingShare);
    this.#world.start(id);
  }

  /** Lays the plan's ambushes; they draw from `draw`. */
  lieInWait(draw: Draw): void {
    const world = this.#world;
    for (const ambush of this.#setup.ambushes)
      world.watchers.onStep.push((node, _input, _before, after, effects) => {
        const comes = effects.some((effect) => isMoment(ambush, effect, after.role));
        if (!comes || !this.#isDisturbing || !draw.chance(ambush.share)) return;
        world.schedule.after(draw.between(0, ambush.withinMillis), () => {
          if (this.#isDisturbing) this.#spring(ambush, node, draw);
        });
      });
  }

  /** Nothing waits any longer. */
  stop(): void {
    this.#isDisturbing = false;
  }

  #spring(ambush: Ambush, node: Node<M>, draw: Draw): void {
    const name = `${ambush.do} on ${ambush.on}`;
    const { id, member } = node;
    if (member === undefined) return;
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
    switch (ambush.do) {
      case 'restart':
        this.#restart(id, 0);
        break;
      case 'isolate':
        for (const other of this.#world.nodes) this.#world.network.cut([id], [other.id]);
        break;
      case 'wipe':
        if (!this.#mayLoseDisk(node)) break;
        this.#world.wipe(id);
        this.#world.start(id);
        break;
      case 'wipeHolder': {
        const other = this.#world.node(
          (id + 1 + draw.below(this.#world.nodes.length - 1)) % this.#world.nodes.length,
        );
        if (other === node || !this.#mayLoseDisk(other)) break;
        this.#world.wipe(other.id);
        this.#world.start(other.id);
        for (const one of this.#world.nodes) this.#world.network.cut([id], [one.id]);
        break;
      }
      case 'loseSource':
        if (node.pulling !== undefined) this.#world.crash(node.pulling.source.id, 0);
        break;
      case 'clogSource': {
        const from = node.pulling?.source.id;
        const until = this.#world.now + 500;
        if (from !== undefined) this.#world.network.clog(from, id, until);
        break;
      }
      case 'remove': {
        const primary = this.#find('primary');
        if (primary !== undefined) this.#reconfig(primary, { kind: 'remove', id });
        break;
      }
      case 'scatter':
        for (const other of this.#world.nodes)
          if (other.member !== undefined && draw.chance(0.5)) this.#restart(other.id, 0);
        break;
    }
  }

  #find(who: Who): Node<M> | undefined {
    const { nodes } = this.#world;
    if (typeof who === 'number') return nodes[who];
    switch (who) {
      case 'primary': {
        const id = this.#world.primary();
        return id === undefined ? undefined : nodes[id];
      }
      case 'deposed': {
        const leading = nodes.filter(({ view }) => view?.isWritable === true);
        return leading.toSorted((a, b) => a.view!.term - b.view!.term)[0];
      }
      case 'secondary':
        return nodes.find(({ view }) => view?.role === 'secondary');
      case 'candidate':
        return nodes.find(
          ({ view }) =>
            view?.role === 'candidate' || (view?.role === 'primary' && !view.isWritable),
        );
      case 'voter': {
        // Whoever has voted last.
        let found: Node<M> | undefined;
        for (const node of nodes)
          if (
            node.view !== undefined &&
            (found?.view === undefined || node.view.maxVotedTermId >= found.view.maxVotedTermId)
          )
            found = node;
        return found;
      }
    }
  }

  #command(node: Node<M>, command: Record<string, unknown> & { kind: string }): boolean {
    if (node.member === undefined || node.isPaused) return false;
    const { outcome } = this.#world.command(node.id, command);
    if (this.#world.tellsStory)
      this.#world.say(node.id, `${command.kind}: ${outcome.ok ? 'ok' : outcome.code}`);
    return outcome.ok;
  }

  /**
   * Covered is the loss of a data directory whose incarnation is known to have been recorded, as long as a majority of voters keeps theirs
   * (src/ark/README.md, "Incarnations"), one that holds data among them; not that of an arbiter's.
   */
  #mayLoseDisk({ id, disk }: Node<M>): boolean {
    const { nodes } = this.#world;
    const config = newestConfig(this.#world);
    if (config === undefined || memberById(config, id)?.arbiterOnly === true) return false;
    const voters = votersOf(config);
    const isRecorded = (held: ReplicaSetConfig | undefined, of: number, incarnation: string) =>
      !this.#rules.recordIncarnations || memberById(held, of)?.incarnation === incarnation;
    const holders = voters.filter(({ _id }) => {
      const held = nodes[_id]?.disk.config;
      return isRecorded(held, id, disk.incarnation);
    });
    // Its own record goes with the disk: of those who can elect together with it, one must know better.
    const knowing = holders.filter(({ _id }) => _id !== id);
    if (knowing.length <= voters.length - voteMajority(config)) return false;
    const sound = voters.filter(
      ({ _id, arbiterOnly }) =>
        _id !== id &&
        (arbiterOnly || nodes[_id]!.disk.isComplete) &&
        isRecorded(config, _id, nodes[_id]!.disk.incarnation),
    );
    return sound.length >= voteMajority(config) && sound.some((one) => !one.arbiterOnly);
  }

  /** Entries before the own commit point are no longer kept for others. */
  #trim(node: Node<M>): boolean {
    const entry = entryWithGtid(node.log, node.commitPoint);
    if (entry === undefined) return false;
    node.disk.oldestIndex = Math.max(node.disk.oldestIndex, entry.index);
    return true;
  }

  #reconfig(node: Node<M>, change: ConfigChange): boolean {
    const config = node.view?.config;
    if (node.view !== undefined && change.kind === 'impossible') {
      // Who has a configuration is not initiated again, who has none cannot be given another one.
      const again = { kind: config === undefined ? 'reconfig' : 'initiate', force: false };
      this.#command(node, { ...again, config: this.#world.configInput() });
    }
    if (config === undefined) return false;
    const force = change.kind === 'priority' && change.force;
    // `force` is unsafe by definition where voters or incarnations may have changed.
    if (force && (this.#hasChangedVoters || this.#world.history.disksLost > 0)) return false;
    const next = changedConfig(config, change, this.#setup);
    if (next === undefined) return false;
    if (force && config.term <= 0 && !this.#canBeFounded(next)) return false;
    if (change.kind === 'impossible') {
      const isTaken = this.#command(node, { kind: 'reconfig', force: false, config: next });
      if (isTaken && this.#rules.areAllOn)
        this.#world.broken('ImpossibleConfig', `n${node.id} takes number ${change.number}`);
      return true;
    }
    if (change.kind !== 'priority' && change.kind !== 'chaining') this.#hasChangedVoters = true;
    return this.#command(node, { kind: 'reconfig', force, config: next });
  }

  /**
   * Before the first primary only the member that was initiated has the set's data, empty as they are. A
   * config forced then that keeps it from being elected leaves nobody who could be, and nobody to copy.
   */
  #canBeFounded({ members }: ReplicaSetConfigInput): boolean {
    return members.some(
      ({ _id, priority = 1 }) =>
        priority > 0 &&
        this.#world.nodes.some(({ id, view }) => id === _id && view?.role === 'secondary'),
    );
  }
}

/** The newest configuration that is on any disk. */
export function newestConfig<M>(world: World<M>): ReplicaSetConfig | undefined {
  let newest: ReplicaSetConfig | undefined;
  for (const { disk, view } of world.nodes)
    for (const config of [disk.config, view?.config])
      if (compareConfigVersions(configVersionOf(config), configVersionOf(newest)) > 0)
        newest = config;
  return newest;
}

function isMoment({ on }: Ambush, effect: Effect, role: MemberView['role']): boolean {
  switch (on) {
    case 'vote':
      return effect.kind === 'persist' && effect.vote !== undefined;
    case 'commit':
      return effect.kind === 'commitPoint' && role === 'primary';
    case 'doubt':
      return effect.kind === 'log' && effect.mark === 'primaryLost';
    case 'rollback':
      return effect.kind === 'rollback';
    case 'copy':
      return effect.kind === 'startInitialSync';
    case 'catchUp':
      return effect.kind === 'log' && effect.mark === 'catchUp';
  }
}

function links(cut: readonly (readonly [number, number])[]): string {
  return cut.map(([from, to]) => `n${from}>n${to}`).join(' ');
}
