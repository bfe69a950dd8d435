import type {
  Effect,
  Gtid,
  Input,
  LogEffect,
  Message,
  WriteConcern,
} from '../../../src/ark/index.ts';
import type { Log, LogEntry } from './log.ts';
import type { Node } from './node.ts';
import type { MemberView } from './protocol.ts';
import type { World } from './world.ts';

/** A rule that holds after every step. Each run makes its own watcher, which remembers what it needs. */
export interface Invariant {
  readonly name: string;
  /**
   * `loss`: breaking it is what a user would suffer. `mechanism`: one of the means by which Ark prevents that; meaningless for other
   * protocols, and no proof that a switched-off rule matters.
   */
  readonly about: 'loss' | 'mechanism';
  /** What is claimed, in one sentence, and where the rule comes from. */
  readonly claim: string;
  watch<M>(world: World<M>, broken: (detail: string) => never): Watcher<M>;
}

/** What a watcher wants to hear of. Nothing of it may change the world. */
export interface Watcher<M> {
  /** A process starts. */
  onStart?(node: Node<M>): void;
  /** After a step, before its effects are performed; the node's log is still as it was told to the member. */
  onStep?(
    node: Node<M>,
    input: Input,
    before: MemberView,
    after: MemberView,
    effects: readonly Effect[],
  ): void;
  /** A message leaves for `to`. */
  onSend?(node: Node<M>, message: Message, to: Node<M>): void;
  /** A member says something for its log. */
  onLog?(node: Node<M>, effect: LogEffect): void;
  /** A tenure begins, as `onStep`. */
  onPrimary?(node: Node<M>, term: number): void;
  /** An entry enters the log: a client's, a no-op, or pulled from `source`. The log does not have it yet. */
  onAppend?(node: Node<M>, entry: LogEntry, source: Node<M> | undefined): void;
  /** A rollback is ordered, towards that source. */
  onRollback?(node: Node<M>, source: Node<M>): void;
  /** An entry is undone. */
  onUndo?(node: Node<M>, entry: LogEntry): void;
  /** The member tells a commit point; `entry` is there in its log, if it has it. */
  onCommitPoint?(node: Node<M>, gtid: Gtid, entry: LogEntry | undefined): void;
  /**
   * A client is told that its entry, written in `term`, is held as asked. `before` is the newest entry that anybody had been told
   * a majority holds when this client began.
   */
  onAcknowledged?(
    node: Node<M>,
    entry: LogEntry,
    term: number,
    concern: WriteConcern,
    before: Log,
  ): void;
  /** A linearizable read of this log at this primary is answered; `before` as in `onAcknowledged`. */
  onRead?(node: Node<M>, log: Log, before: Log): void;
  /** A member ends itself rather than break a promise. */
  onFatal?(node: Node<M>, because: string): void;
}

export class InvariantBroken extends Error {
  readonly invariant: string;
  readonly detail: string;

  constructor(invariant: string, detail: string, story: string) {
    super(`${invariant}: ${detail}${story === '' ? '' : `\n${story}`}`);
    this.invariant = invariant;
    this.detail = detail;
  }
}
