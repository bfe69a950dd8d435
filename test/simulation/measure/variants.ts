import type {
  Effect,
  Input,
  Member,
  PoliciesForTests,
  ReplicaSetSettings,
} from '../../../src/ark/index.ts';
import { arkProtocol, type Protocol } from '../world/index.ts';

/** One answer to the paper's open questions, to be compared with the others. */
export interface Variant {
  readonly name: string;
  readonly policies?: Omit<PoliciesForTests, 'testOnly'>;
  readonly settings?: Partial<ReplicaSetSettings>;
  /** Question 7.2: after a vote a member neither votes nor stands for so long. Default: no such timer. */
  readonly voteTimerMillis?: number;
}

export const asShipped: Variant = { name: 'as shipped' };

export function protocolOf({ policies, voteTimerMillis }: Variant): Protocol<Member> {
  const ark = arkProtocol([], policies);
  return voteTimerMillis === undefined ? ark : withVoteTimer(ark, voteTimerMillis);
}

/**
 * Around the core, not in it: nobody needs the timer in the product. A request that comes too early is made one of another set, which
 * the core answers with a plain no in both rounds; a voter is frozen, so that it does not stand either.
 */
function withVoteTimer(protocol: Protocol<Member>, millis: number): Protocol<Member> {
  const votedAt = new WeakMap<Member, number>();
  const isTooEarly = (member: Member, now: number) =>
    now < (votedAt.get(member) ?? Number.NEGATIVE_INFINITY) + millis;
  return {
    ...protocol,
    step(member, input, wallMillis) {
      const heard = isTooEarly(member, input.now) ? withoutVote(input) : input;
      const effects = protocol.step(member, heard, wallMillis);
      const vote = effects.find((effect) => effect.kind === 'persist' && effect.vote !== undefined);
      if (vote === undefined) return effects;
      const { now } = input;
      votedAt.set(member, now);
      const freeze = protocol.step(
        member,
        { kind: 'freeze', millis, command: -1, now },
        wallMillis,
      );
      return [...effects, ...freeze.filter(({ kind }: Effect) => kind !== 'reply')];
    },
  };
}

function withoutVote(input: Input): Input {
  if (input.kind !== 'message') return input;
  const { message } = input;
  if (message.kind !== 'voteRequest' && message.kind !== 'speculativeVoteRequest') return input;
  return { ...input, message: { ...message, set: '' } };
}

const inThePaper: Variant = {
  name: 'as in the paper',
  policies: { behindInDecidingRound: 'veto', tieSleep: 'everybody' },
  settings: { heartbeatIntervalMillis: 2_000, electionTimeoutMillis: 10_000 },
};

/** Heartbeats as shipped, and the other shapes of question 7.4. */
export const heartbeatVariants: readonly Variant[] = [
  asShipped,
  { name: 'primary often, others rarely', policies: { heartbeats: 'primaryOften' } },
  { name: 'others rarely', policies: { heartbeats: 'othersRarely' } },
  inThePaper,
];

/** The answers to all questions that change how long a failover takes. */
export const comparedVariants: readonly Variant[] = [
  asShipped,
  { name: 'tie sleep fixed, 50-300 ms', policies: { tieSleep: 'fixed' } },
  { name: 'tie sleep for everybody, 50-1050 ms', policies: { tieSleep: 'everybody' } },
  { name: 'vote timer 1 s', voteTimerMillis: 1_000 },
  { name: 'vote timer 30 s', voteTimerMillis: 30_000 },
  inThePaper,
  { name: 'veto in the deciding round', policies: { behindInDecidingRound: 'veto' } },
  { name: 'primary often, others rarely', policies: { heartbeats: 'primaryOften' } },
  { name: 'others rarely', policies: { heartbeats: 'othersRarely' } },
];
