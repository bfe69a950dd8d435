import type {
  MemberConfigInput,
  Message,
  PoliciesForTests,
  ReplicaSetSettings,
  WriteConcern,
} from '../../../src/ark/index.ts';

/*
 * A run as data: everything that was drawn. Who has the plan needs no seed, and a part of a plan is a plan, which is how failures are
 * shrunk and kept.
 */

export interface Plan {
  /** Of what the world draws itself: delays, losses, ticks. */
  readonly seed: number;
  readonly setup: Setup;
  readonly actions: readonly Action[];
  /** What is healed at the end and what stays broken; without it the run ends with the last action. */
  readonly healing?: Healing;
}

export interface Setup {
  /** All machines; those in no configuration at first may be added. */
  readonly nodes: number;
  readonly members: readonly MemberConfigInput[];
  readonly settings: Partial<ReplicaSetSettings>;
  /** By `replSetInitiate` at n0, else all members start with the configuration and a first entry. */
  readonly isInitiated: boolean;
  readonly networkMillis: readonly [number, number];
  readonly lossRate: number;
  readonly duplicateRate: number;
  readonly diskMillis: number;
  readonly slowDisks: boolean;
  /** Links that take longer: from, to, milliseconds. */
  readonly farLinks: readonly (readonly [number, number, number])[];
  /** Monotonic milliseconds per millisecond, by node. */
  readonly clockRates: readonly number[];
  readonly policies: Omit<PoliciesForTests, 'testOnly'>;
  readonly ambushes: readonly Ambush[];
}

/** A fault that waits for its moment: each time it comes, with a chance, a little later. */
export interface Ambush {
  /** A vote is on its way to disk; a primary moves the commit point; a member begins a copy of all data; a new primary catches up; a
   * member is about to undo entries; one hears its primary no longer. */
  readonly on: 'vote' | 'commit' | 'copy' | 'catchUp' | 'rollback' | 'doubt';
  /** 0 to 1. */
  readonly share: number;
  readonly withinMillis: number;
  /**
   * At the node it happens to. `wipe`: it loses its data directory. `scatter`: a random half of all nodes restarts. `wipeHolder`: another one loses its data directory, and
   * the node is cut off. `loseSource`: whom it pulls from crashes. `clogSource`: nothing of that comes for half a second.
   * `remove`: the primary takes the node out of the set.
   */
  readonly do:
    | 'restart'
    | 'isolate'
    | 'scatter'
    | 'wipe'
    | 'wipeHolder'
    | 'loseSource'
    | 'clogSource'
    | 'remove';
}

/** A node by number, or by what it is when the action comes (`deposed`: leads in the lowest term); nothing happens if there is none. */
export type Who = number | 'primary' | 'deposed' | 'secondary' | 'candidate' | 'voter';

interface Timed {
  /** Milliseconds after the action before it. */
  readonly after: number;
}

/** A link, one way. */
export type Link = readonly [from: number, to: number];

export type Action = Timed &
  (
    | {
        readonly do: 'write';
        readonly who: Who;
        readonly count: number;
        readonly concern: WriteConcern;
      }
    | { readonly do: 'crash'; readonly who: Who; readonly survivingShare: number }
    | { readonly do: 'read'; readonly who: Who }
    | { readonly do: 'restart'; readonly who: Who; readonly survivingShare: number }
    | { readonly do: 'start'; readonly who: Who }
    | { readonly do: 'startAll' }
    /** Power is lost everywhere, and comes back. */
    | { readonly do: 'powerCut' }
    /** These links are cut, all others are not. */
    | { readonly do: 'partition'; readonly shape: string; readonly cut: readonly Link[] }
    | { readonly do: 'cutLink'; readonly link: Link }
    | { readonly do: 'heal' }
    /** Of all voters it reaches none any longer, of the others those that it did. */
    | { readonly do: 'strand'; readonly who: Who }
    | { readonly do: 'clog'; readonly link: Link; readonly millis: number }
    | { readonly do: 'pause'; readonly who: Who }
    | { readonly do: 'resume'; readonly who: Who }
    | { readonly do: 'drift'; readonly who: Who; readonly rate: number }
    | { readonly do: 'jumpClock'; readonly who: Who; readonly millis: number }
    | { readonly do: 'slowDisk'; readonly who: Who; readonly flushMillis: number }
    | { readonly do: 'failFlush'; readonly who: Who }
    | { readonly do: 'failWrite'; readonly who: Who }
    | { readonly do: 'wipe'; readonly who: Who }
    | { readonly do: 'snapshot'; readonly who: Who }
    | { readonly do: 'restore'; readonly who: Who }
    | { readonly do: 'trim'; readonly who: Who }
    | {
        readonly do: 'stepDown';
        readonly who: Who;
        readonly force: boolean;
        readonly freezeMillis: number;
      }
    | { readonly do: 'freeze'; readonly who: Who; readonly millis: number }
    | { readonly do: 'maintenance'; readonly who: Who; readonly on: boolean }
    | { readonly do: 'syncFrom'; readonly who: Who; readonly source: number }
    | { readonly do: 'reconfig'; readonly who: Who; readonly change: ConfigChange }
    | { readonly do: 'stranger'; readonly who: Who; readonly set: string }
    /** What a primary of long ago has asked arrives: to stand for election, without asking first who would agree. */
    | { readonly do: 'standNow'; readonly who: Who; readonly from: number }
    /** The so many-th newest message of a kind arrives once more, late. */
    | { readonly do: 'replay'; readonly kind: Message['kind']; readonly back: number }
  );

export type ConfigChange =
  | { readonly kind: 'add'; readonly member: MemberConfigInput }
  | { readonly kind: 'remove'; readonly id: number }
  | {
      readonly kind: 'priority';
      readonly id: number;
      readonly priority: number;
      readonly force: boolean;
    }
  | { readonly kind: 'vote'; readonly id: number; readonly votes: 0 | 1 }
  | { readonly kind: 'chaining'; readonly allowed: boolean }
  /** One that must be refused, by number. */
  | { readonly kind: 'impossible'; readonly number: number };

export interface Healing {
  /** Draws the core and what becomes of the others. */
  readonly seed: number;
}
