import { MeasuredSet, type SetOptions } from './measured-set.ts';

/** What one lost primary cost. */
export interface Failover {
  /** From the loss until a majority holds an entry of the next tenure, milliseconds. */
  readonly millis: number;
  /** Deciding rounds begun until then, by all candidates together. */
  readonly rounds: number;
  /** How much higher the next term is: 1 when no term was wasted. */
  readonly terms: number;
  /** How many members stood, whether or not they came to a deciding round. More than one: contested. */
  readonly candidates: number;
  /** Messages of both rounds, answers included. */
  readonly electionMessages: number;
}

/** `crash`: the process ends and its connections close. `silence`: power or network of the primary is gone. */
export type Loss = 'crash' | 'silence';

/** A vote timer of 30 s can be met several times in a row. */
const patienceMillis = 600_000;

const electionKinds = new Set([
  'speculativeVoteRequest',
  'speculativeVoteAnswer',
  'voteRequest',
  'voteAnswer',
]);

/** One set loses its primary so many times; in between, everybody comes back. */
export function failovers(options: SetOptions, loss: Loss, times: number): Failover[] {
  const set = new MeasuredSet(options);
  const { world } = set;
  const stood = new Set<number>();
  let rounds = 0;
  let electionMessages = 0;
  world.watchers.onStep.push((node, _input, _before, _after, effects) => {
    for (const effect of effects) {
      if (effect.kind === 'send' && electionKinds.has(effect.message.kind)) electionMessages += 1;
      if (effect.kind !== 'log') continue;
      if (effect.mark === 'speculativeRound') stood.add(node.id);
      if (effect.mark === 'votingRound') rounds += 1;
    }
  });
  return Array.from({ length: times }, () => {
    const lost = set.settle();
    const before = world.node(lost).view?.term ?? 0;
    const lostAt = world.now;
    stood.clear();
    rounds = 0;
    electionMessages = 0;
    if (loss === 'crash') set.crash(lost);
    else set.cutPower(lost);
    world.runUntil(() => (world.history.committed?.gtid.term ?? 0) > before, patienceMillis);
    const trial: Failover = {
      millis: world.now - lostAt,
      rounds,
      terms: (world.history.committed?.gtid.term ?? 0) - before,
      candidates: stood.size,
      electionMessages,
    };
    set.restore();
    return trial;
  });
}
