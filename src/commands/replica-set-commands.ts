/** Commands on the replica set and between its members, alphabetical; part of the table in `index.ts`. */
import { appendOplogNote } from './append-oplog-note.ts';
import type { Command } from './command.ts';
import { replSetClone } from './repl-set-clone.ts';
import { replSetFreeze } from './repl-set-freeze.ts';
import { replSetGetConfig } from './repl-set-get-config.ts';
import { replSetGetRBID } from './repl-set-get-rbid.ts';
import { replSetGetStatus } from './repl-set-get-status.ts';
import { replSetInitiate } from './repl-set-initiate.ts';
import { replSetMaintenance } from './repl-set-maintenance.ts';
import { replSetMessage } from './repl-set-message.ts';
import { replSetProbe } from './repl-set-probe.ts';
import { replSetPull } from './repl-set-pull.ts';
import { replSetReconfig } from './repl-set-reconfig.ts';
import { replSetStepDown } from './repl-set-step-down.ts';
import { replSetSyncFrom } from './repl-set-sync-from.ts';

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
