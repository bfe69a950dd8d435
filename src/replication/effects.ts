/**
 * What becomes of Ark's effects in this process. Votes, messages and replies are the loop's; the rest goes to
 * whom it concerns, at once and in the order given.
 */

import type { Member } from '../ark/index.ts';
import type { OutwardEffect } from './ark-loop.ts';
import type { CommittedReads } from './committed-reads.ts';
import type { CurrentRole } from './current-role.ts';
import type { ElectionMetrics } from './election-metrics.ts';
import type { ReplicationLog } from './environment.ts';
import type { Following } from './following.ts';
import type { OplogRing } from './oplog-ring.ts';
import type { PeerLinks } from './peer-links.ts';
import type { Topology } from './topology.ts';
import type { WriteConcerns } from './write-concerns.ts';

export interface ThoseConcerned {
  readonly role: CurrentRole;
  readonly elections: ElectionMetrics;
  readonly state: () => Member;
  readonly writeConcerns: WriteConcerns;
  readonly committedReads: CommittedReads;
  readonly following: Following;
  readonly links: PeerLinks;
  readonly topology: Topology;
  /** Readers of the log are woken when what they are told with it has changed. */
  readonly ring: OplogRing;
  readonly log: ReplicationLog;
  readonly openTenure: (term: number) => void;
}

export function performEffect(effect: OutwardEffect, those: ThoseConcerned): void {
  switch (effect.kind) {
    case 'role':
      those.role.take(effect);
      those.elections.roleTaken(effect, those.state());
      those.ring.wake();
      those.topology.changed();
      break;
    case 'commitPoint':
      those.committedReads.commitPointMoved(effect.gtid);
      those.elections.commitPointMoved(effect.gtid);
      those.writeConcerns.progress();
      those.ring.wake();
      break;
    case 'progress':
      those.writeConcerns.progress();
      break;
    case 'failWaiters':
      those.writeConcerns.tenureEnded();
      break;
    case 'writeNoop':
      those.openTenure(effect.term);
      break;
    case 'syncFrom':
      those.following.syncFrom(effect.source);
      break;
    case 'rollback':
      those.following.rollBack(effect.source);
      break;
    case 'startInitialSync':
      those.following.initialSync(effect.source, effect.held);
      break;
    case 'config':
      those.links.keepOnly(effect.config);
      those.following.delayMayHaveChanged();
      those.topology.changed();
      those.writeConcerns.progress();
      break;
    case 'log':
      those.log.info(componentOf(effect.mark), effect.mark, effect.fields);
      break;
  }
}

function componentOf(mark: string): 'ELECTION' | 'ROLLBACK' | 'INITSYNC' | 'REPL' {
  if (/elect|vote|candid|stand/i.test(mark)) {
    return 'ELECTION';
  }
  if (/rollback|rolled/i.test(mark)) {
    return 'ROLLBACK';
  }
  return /initialSync|resync/i.test(mark) ? 'INITSYNC' : 'REPL';
}
