/**
 * Pulls from one sync source for as long as it brings something, and says in the end what Ark should hear.
 *
 * A member without a delay follows a stream without end. A delayed one asks, twice a second, for what has become old enough by its
 * own clock; what is too young stays with the source, so nothing is held here that the source may yet undo.
 */
import { type Address, initialGtid } from '../ark/index.ts';
import type { Database } from '../database/index.ts';
import type { TimelessInput } from './ark-loop.ts';
import { delay, type Environment } from './environment.ts';
import { type FetchOutcome, followSource } from './oplog-fetcher.ts';
import type { PeerLink } from './transport.ts';

/** How often a delayed member asks for what has become old enough. */
const delayedPullIntervalMs = 500;

export interface PullerOptions {
  readonly setName: string;
  readonly database: Database;
  readonly environment: Environment;
  readonly selfId: () => number | undefined;
  readonly delaySecs: () => number;
  readonly link: (host: string) => PeerLink;
  readonly feed: (input: TimelessInput) => void;
  readonly append: (entries: readonly Buffer[]) => Promise<void>;
}

/** Resolves with undefined only when the signal has said stop. */
export async function pullFrom(
  source: Address,
  options: PullerOptions,
  signal: AbortSignal,
): Promise<TimelessInput | undefined> {
  const { setName, database, environment, link, selfId, feed, delaySecs, append } = options;
  const { clock, timers, log } = environment;
  for (;;) {
    let hasDelivered = false;
    const delayMs = delaySecs() * 1000;
    const outcome = await followSource(
      {
        setName,
        memberId: selfId() ?? -1,
        link: link(source.host),
        logEnd: () => ({ gtid: database.lastAppended ?? initialGtid, hash: database.lastHash }),
        untilWallMs: delayMs === 0 ? undefined : clock.wallMs() - delayMs,
        append,
        onBatch: (batch) => {
          hasDelivered = true;
          feed({
            kind: 'fetched',
            source: source.member,
            outcome: 'ok',
            sourceLastEntry: batch.position,
            sourceCommitPoint: batch.commitPoint,
          });
        },
      },
      signal,
    );
    if (signal.aborted) {
      return undefined;
    }
    if (outcome.kind === 'upToDate') {
      await delay(timers, delayedPullIntervalMs, signal).catch(() => {});
      if (signal.aborted) {
        return undefined;
      }
      continue;
    }
    // A stream that worked and broke is opened again before Ark hears of it: most often the source
    // is well, and Ark would look elsewhere for a while.
    if (outcome.kind === 'lost' && hasDelivered) {
      continue;
    }
    if (outcome.kind === 'lost') {
      log.info('REPL', 'Oplog fetcher stopped querying remote oplog with error', {
        syncSource: source.host,
        error: String((outcome.error as Error).message ?? outcome.error),
      });
    }
    return fetchedInput(source.member, outcome);
  }
}

function fetchedInput(
  source: number,
  outcome: Exclude<FetchOutcome, { kind: 'upToDate' }>,
): TimelessInput {
  switch (outcome.kind) {
    case 'nothing':
    case 'diverged':
      return {
        kind: 'fetched',
        source,
        outcome: outcome.kind,
        sourceLastEntry: outcome.position,
      };
    case 'tooStale':
      return { kind: 'fetched', source, outcome: 'tooOld', sourceLastEntry: outcome.position };
    case 'sourceRolledBack':
      return { kind: 'fetched', source, outcome: 'sourceRolledBack' };
    case 'lost':
      return { kind: 'fetched', source, outcome: 'unreachable' };
  }
}
