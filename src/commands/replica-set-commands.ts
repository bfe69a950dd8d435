/** Commands on the replica set and between its members, alphabetical; part of the table in `index.ts`. */

import type { Command } from './command.ts';
import { appendOplogNote } from './replica-set/append-oplog-note.ts';
import { replSetClone } from './replica-set/repl-set-clone.ts';
import { replSetFreeze } from './replica-set/repl-set-freeze.ts';
import { replSetGetConfig } from './replica-set/repl-set-get-config.ts';
import { replSetGetRBID } from './replica-set/repl-set-get-rbid.ts';
import { replSetGetStatus } from './replica-set/repl-set-get-status.ts';
import { replSetInitiate } from './replica-set/repl-set-initiate.ts';
import { replSetMaintenance } from './replica-set/repl-set-maintenance.ts';
import { replSetMessage } from './replica-set/repl-set-message.ts';
import { replSetProbe } from './replica-set/repl-set-probe.ts';
import { replSetPull } from './replica-set/repl-set-pull.ts';
import { replSetReconfig } from './replica-set/repl-set-reconfig.ts';
import { replSetStepDown } from './replica-set/repl-set-step-down.ts';
import { replSetSyncFrom } from './replica-set/repl-set-sync-from.ts';

export const replicaSetCommands: readonly Command[] = [
  replSetClone,
  replSetProbe,
  replSetPull,
  appendOplogNote,
  replSetFreeze,
  replSetGetConfig,
  replSetGetRBID,
  replSetGetStatus,
  replSetInitiate,
  replSetMaintenance,
  replSetMessage,
  replSetReconfig,
  replSetStepDown,
  replSetSyncFrom,
];
