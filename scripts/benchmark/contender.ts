/**
 * What takes turns in the benchmark: something that can be kept at work for a moment, and told of.
 */

/** What one contender did in one turn. CPU time is in microseconds: the primary's, and all members'. */
export interface Turn {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly primaryCpu: number | undefined;
  readonly setCpu: number | undefined;
}

export interface Contender {
  readonly name: string;
  /** How many operations are under way at a time. */
  readonly clients: number;
  /** Documents an operation touches. */
  readonly documents: number;
  /** Works for so long, and to the end of what it has begun. */
  run(milliseconds: number): Promise<Turn>;
  stop(): Promise<void>;
}

export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU microseconds a document. */
  readonly primaryCpu: number | undefined;
  readonly setCpu: number | undefined;
}

/**
 * Everyone works for a short turn, again and again: what disturbs the machine for some seconds then
 * disturbs all of them alike, and a ratio is taken between neighbours in time. The order is turned
 * round in every second round, so that no one profits from whom it follows.
 */
export async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
  milliseconds: number,
  settle: () => Promise<void>,
): Promise<ReadonlyMap<Contender, readonly Turn[]>> {
  const turns = new Map(contenders.map((contender) => [contender, [] as Turn[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      await settle();
      turns.get(contender)?.push(await contender.run(milliseconds));
    }
  }
  return turns;
}

/** All turns of one contender together. */
export function figuresOf(turns: readonly Turn[], documents: number): Figures {
  const latencies = turns.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? 0;
  const done = latencies.length * documents;
  const perDocument = (of: (turn: Turn) => number | undefined): number | undefined =>
    turns.some((turn) => of(turn) === undefined) ? undefined : sum(turns, of) / done;
  return {
    perSecond: (done / sum(turns, ({ elapsedMs }) => elapsedMs)) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    primaryCpu: perDocument(({ primaryCpu }) => primaryCpu),
    setCpu: perDocument(({ setCpu }) => setCpu),
  };
}

/** The median over the rounds of one contender's documents a second as a share of another's. */
export function medianRatio(
  of: readonly Turn[],
  documents: number,
  ceiling: readonly Turn[],
  ceilingDocuments: number,
): number {
  const rate = (turn: Turn): number => turn.latenciesMs.length / turn.elapsedMs;
  const ratios = of
    .map((turn, i) => (rate(turn) * documents) / (rate(ceiling[i] as Turn) * ceilingDocuments))
    .sort((a, b) => a - b);
  const middle = ratios.length / 2;
  return ((ratios[Math.ceil(middle) - 1] as number) + (ratios[Math.floor(middle)] as number)) / 2;
}

function sum(turns: readonly Turn[], of: (turn: Turn) => number | undefined): number {
  return turns.reduce((total, turn) => total + (of(turn) ?? 0), 0);
}
