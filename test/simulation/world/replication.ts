import {
  compareGtids,
  type Fetched,
  type Gtid,
  gtidsEqual,
  initialGtid,
} from '../../../src/ark/index.ts';
import { commonEntry, entryAt, type Log, lastGtid, logLength } from './log.ts';
import type { Node } from './node.ts';
import type { Processes } from './processes.ts';
import { mayServe } from './protocol.ts';
import type { World } from './world.ts';

/** A cut connection is tried again so often: nobody is told that packets vanish. */
const retryMillis = 200;
/** News of a commit point alone waits so long for entries to travel with. */
const commitPointDelayMillis = 5;
/** A request that is given up fails so much later. */
const abortMillis = 0.5;
const batchMax = 8;
const undoSliceMax = 3;

/** One member pulling from another: opened by the one, then fed by the other as it has news. */
export interface PullSession<M> {
  readonly puller: Node<M>;
  readonly source: Node<M>;
  sourceRollbackId: number;
  /** What the puller has, or has been sent. */
  position: Log;
  sentCommitPoint: Gtid;
  isOpen: boolean;
  /** A batch is on its way; the next waits for it. */
  isBusy: boolean;
  /** The source, or what is left of its process, has said its last word. */
  isEnding: boolean;
}

/** What the shell around a core does with logs: pull from a source, undo, copy all data. */
export class Replication<M> {
  readonly #world: World<M>;
  readonly #processes: Processes<M>;

  constructor(world: World<M>, processes: Processes<M>) {
    this.#world = world;
    this.#processes = processes;
  }

  /** The process of this node is gone, and its connections with it. */
  forget(node: Node<M>): void {
    this.#close(node.pulling);
    for (const session of node.serving) this.#lose(session);
    node.serving.clear();
  }

  // --- pulling

  syncFrom(puller: Node<M>, from: number | undefined): void {
    puller.order += 1;
    this.#abandon(puller.pulling);
    if (from === undefined) return;
    const session: PullSession<M> = {
      puller,
      source: this.#world.node(from),
      sourceRollbackId: -1,
      position: undefined,
      sentCommitPoint: initialGtid,
      isOpen: true,
      isBusy: true,
      isEnding: false,
    };
    puller.pulling = session;
    this.#connect(session);
  }

  /** Something is new in the source's log or state. */
  wake(source: Node<M>): void {
    for (const session of source.serving) this.#serve(session);
  }

  wakeSoon(source: Node<M>): void {
    if (source.serving.size > 0)
      this.#world.afterAt(source, commitPointDelayMillis, () => this.wake(source));
  }

  #close(session: PullSession<M> | undefined): void {
    if (session === undefined) return;
    session.isOpen = false;
    session.source.serving.delete(session);
    if (session.puller.pulling === session) session.puller.pulling = undefined;
  }

  /** Closed by the one who pulls: that its request has failed it still hears, and may by then want to know it no more. */
  #abandon(session: PullSession<M> | undefined): void {
    this.#close(session);
    if (session !== undefined && this.#world.options.tidyPulls !== true)
      this.#world.afterAt(session.puller, abortMillis, () => this.#tell(session, 'unreachable'));
  }

  /** `arrive` runs at the other side, again and again delayed while the link is cut; not once the session is closed. */
  #travel(session: PullSession<M>, from: Node<M>, to: Node<M>, arrive: () => void): void {
    const { network, schedule } = this.#world;
    const millis = network.delay(from.id, to.id, schedule.now);
    schedule.after(millis, () => {
      if (!session.isOpen) return;
      if (network.isCutEitherWay(from.id, to.id))
        schedule.after(retryMillis, () => this.#travel(session, from, to, arrive));
      else arrive();
    });
  }

  #connect(session: PullSession<M>): void {
    const { puller, source } = session;
    this.#travel(session, puller, source, () => {
      if (source.member === undefined) {
        this.#finish(session, 'unreachable');
        return;
      }
      // From here on the puller hears of it when this process ends.
      source.serving.add(session);
      this.#world.afterAt(source, 0, () => {
        if (session.isOpen) this.#accept(session);
      });
    });
  }

  /** The source looks whether its log goes on where the puller's ends. */
  #accept(session: PullSession<M>): void {
    const { source, puller } = session;
    if (source.member === undefined || source.view === undefined || !mayServe(source.view)) {
      this.#finish(session, 'unreachable');
      return;
    }
    session.sourceRollbackId = source.disk.rollbackId;
    session.position = puller.log;
    const verdict = this.#world.protocol.comparePull(source.member, source.log, puller.log);
    if (verdict !== 'follows') this.#finish(session, verdict, lastGtid(source.log));
    else if (logLength(puller.log) < source.disk.oldestIndex)
      this.#finish(session, 'tooOld', lastGtid(source.log));
    else {
      session.isBusy = false;
      // Said even if there is nothing new: the puller learns that it is connected.
      this.#send(session);
    }
  }

  #serve(session: PullSession<M>): void {
    const { source } = session;
    if (session.isBusy || session.isEnding || !session.isOpen) return;
    // Nothing is said until it is over.
    const isTidy = this.#world.options.tidyPulls === true;
    if (source.view?.role === 'rollback' && !isTidy) return;
    if (source.view === undefined || !mayServe(source.view)) this.#finish(session, 'unreachable');
    else if (source.disk.rollbackId !== session.sourceRollbackId)
      this.#finish(session, 'sourceRolledBack');
    else if (
      source.log !== session.position ||
      !gtidsEqual(source.commitPoint, session.sentCommitPoint)
    )
      this.#send(session);
  }

  #send(session: PullSession<M>): void {
    const { source, puller, position } = session;
    const { log, commitPoint } = source;
    const length = logLength(position);
    let end = entryAt(log, Math.min(logLength(log), length + batchMax) - 1);
    end = this.#held(session, end);
    session.isBusy = true;
    session.position = end;
    session.sentCommitPoint = commitPoint;
    const sourceLastEntry = lastGtid(log);
    this.#travel(session, source, puller, () => {
      this.#world.afterAt(puller, 0, () => {
        if (!session.isOpen) return;
        for (let index = length; index < logLength(end) && session.isOpen; index++) {
          const entry = entryAt(end, index);
          if (entry !== undefined) this.#processes.append(puller, entry, source, commitPoint);
        }
        if (!session.isOpen) return;
        this.#tell(session, 'ok', sourceLastEntry, commitPoint);
        session.isBusy = false;
        this.#serve(session);
      });
    });
  }

  /** A delayed member is sent only what is old enough, and asks again when more is. */
  #held(session: PullSession<M>, end: Log): Log {
    const { puller, position } = session;
    const config = puller.view?.config?.members.find((one) => one._id === puller.id);
    const delayMillis = (config?.secondaryDelaySecs ?? 0) * 1000;
    if (delayMillis === 0) return end;
    const { now } = this.#world;
    let at = end;
    while (at !== undefined && at !== position && at.writtenAt + delayMillis > now)
      at = at.previous;
    if (at !== end)
      this.#world.schedule.after(delayMillis / 4, () => {
        if (session.isOpen) this.#serve(session);
      });
    return at;
  }

  /** The source has ended the session. */
  #finish(session: PullSession<M>, outcome: Fetched['outcome'], sourceLastEntry?: Gtid): void {
    const { source, puller } = session;
    source.serving.delete(session);
    session.isEnding = true;
    this.#travel(session, source, puller, () => {
      this.#world.afterAt(puller, 0, () => {
        if (!session.isOpen) return;
        this.#close(session);
        this.#tell(session, outcome, sourceLastEntry);
      });
    });
  }

  /** The source's process is gone. */
  #lose(session: PullSession<M>): void {
    this.#finish(session, 'unreachable');
  }

  #tell(
    { puller, source }: PullSession<M>,
    outcome: Fetched['outcome'],
    sourceLastEntry?: Gtid,
    sourceCommitPoint?: Gtid,
  ): void {
    this.#processes.feed(puller, {
      kind: 'fetched',
      source: source.id,
      outcome,
      now: this.#world.ownNow(puller),
      ...(sourceLastEntry === undefined ? {} : { sourceLastEntry }),
      ...(sourceCommitPoint === undefined ? {} : { sourceCommitPoint }),
    });
  }

  // --- undoing

  /** Finds the common point, then undoes slice by slice. A source that cannot be asked changes nothing. */
  rollBack(node: Node<M>, from: number): void {
    const source = this.#world.node(from);
    for (const watch of this.#world.watchers.onRollback) watch(node, source);
    this.#abandon(node.pulling);
    const order = ++node.order;
    this.#world.afterAt(node, this.#roundTrip(node, source), () => {
      if (node.order !== order) return;
      // It may have crashed since, and lost what made its log better.
      if (!this.#canAsk(node, source) || !this.#hasDiverged(node, source)) {
        this.#rolledBack(node, true);
        return;
      }
      const common = commonEntry(node.log, source.log);
      const oldest = source.disk.oldestIndex;
      if (common === undefined || common.index < oldest) this.#noCommonPoint(node, source);
      else if (compareGtids(common.gtid, node.commitPoint) < 0)
        this.#world.end(node, 'the common point is below the commit point');
      else {
        node.disk.rollbackId += 1;
        this.#undo(node, common, order);
      }
    });
  }

  #hasDiverged(node: Node<M>, { member, log }: Node<M>): boolean {
    const { protocol } = this.#world;
    return member !== undefined && protocol.comparePull(member, log, node.log) === 'diverged';
  }

  #noCommonPoint(node: Node<M>, source: Node<M>): void {
    const oldest = entryAt(source.log, source.disk.oldestIndex);
    if (compareGtids(lastGtid(oldest), node.commitPoint) < 0)
      this.#world.end(node, 'the source remembers the commit point and does not have it');
    else
      this.#processes.feed(node, {
        kind: 'noCommonPoint',
        source: source.id,
        now: this.#world.ownNow(node),
      });
  }

  #undo(node: Node<M>, common: Log, order: number): void {
    for (let count = 0; count < undoSliceMax && node.log !== common; count++) {
      const entry = node.log;
      if (entry === undefined) break;
      for (const watch of this.#world.watchers.onUndo) watch(node, entry);
      this.#world.history.undone += 1;
      node.log = entry.previous;
    }
    if (logLength(node.disk.durable) > logLength(node.log)) node.disk.cutTo(node.log);
    this.wake(node);
    if (node.log === common) {
      // Undoing waited for everything before it to be durable.
      node.disk.durable = node.log;
      this.#rolledBack(node, true);
      this.#processes.flush(node);
      return;
    }
    this.#rolledBack(node, false);
    this.#world.afterAt(node, 1, () => {
      if (node.order === order) this.#undo(node, common, order);
    });
  }

  #rolledBack(node: Node<M>, finished: boolean): void {
    this.#processes.feed(node, {
      kind: 'rolledBack',
      to: lastGtid(node.log),
      rollbackId: node.disk.rollbackId,
      finished,
      now: this.#world.ownNow(node),
    });
  }

  // --- copying

  /** All data of the source, in the place of the own. Fails if the source goes, rolls back, or ends before what was held. */
  copy(node: Node<M>, from: number, held: Gtid): void {
    const { disk } = node;
    const source = this.#world.node(from);
    this.#close(node.pulling);
    const order = ++node.order;
    const { life, disk: sourceDisk } = source;
    const { rollbackId } = sourceDisk;
    disk.isComplete = false;
    disk.heldBefore = held;
    disk.cutTo(undefined);
    node.log = undefined;
    this.#world.afterAt(node, 5 + 2 * this.#roundTrip(node, source), () => {
      if (node.order !== order) return;
      const isGood =
        this.#canAsk(node, source) &&
        source.life === life &&
        sourceDisk.rollbackId === rollbackId &&
        compareGtids(lastGtid(source.log), held) >= 0;
      if (isGood) {
        node.log = source.log;
        disk.durable = source.log;
        disk.oldestIndex = Math.max(sourceDisk.oldestIndex, logLength(source.log) - 1);
        disk.isComplete = true;
        disk.heldBefore = undefined;
      }
      this.#processes.feed(node, {
        kind: 'initialSyncFinished',
        outcome: isGood ? 'ok' : 'failed',
        source: from,
        lastEntry: lastGtid(node.log),
        now: this.#world.ownNow(node),
      });
    });
  }

  #roundTrip(node: Node<M>, other: Node<M>): number {
    const { network, now } = this.#world;
    return network.delay(node.id, other.id, now) + network.delay(other.id, node.id, now);
  }

  #canAsk(node: Node<M>, source: Node<M>): boolean {
    if (source.view === undefined || source.isPaused || !mayServe(source.view)) return false;
    return !this.#world.network.isCutEitherWay(node.id, source.id);
  }
}
