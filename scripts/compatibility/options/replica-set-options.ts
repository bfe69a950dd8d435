/** Fields of the commands on the set. */
import type { Document } from 'mongodb';
import type { Step } from '../feature-row.ts';
import { acts, type CommandOptions, idle, refused } from './option-row.ts';

function admin(command: Document, answer?: Step[1]): Step {
  return [{ ...command, $db: 'admin' }, answer];
}

export const replicaSetOptions: readonly CommandOptions[] = [
  {
    command: 'appendOplogNote',
    options: {
      data: acts(
        admin({ appendOplogNote: 1 }, 40414),
        admin({ appendOplogNote: 1, data: { a: 1 } }),
      ),
      maxClusterTime: refused(
        'internal to MongoDB',
        admin({ appendOplogNote: 1, data: {}, maxClusterTime: 1 }, 238),
      ),
    },
  },
  {
    command: 'replSetGetConfig',
    options: {
      commitmentStatus: acts(
        admin({ replSetGetConfig: 1, commitmentStatus: true }, { commitmentStatus: true }),
      ),
    },
  },
  {
    command: 'replSetGetStatus',
    options: {
      initialSync: idle(
        'the figures of an initial sync are in the log, not in the status',
        admin({ replSetGetStatus: 1, initialSync: 1 }, (reply) => !('initialSyncStatus' in reply)),
      ),
    },
  },
  {
    command: 'replSetReconfig',
    options: {
      force: acts(admin({ replSetGetConfig: 1 }), [
        ({ config }) => ({
          replSetReconfig: { ...config, version: config.version },
          force: true,
          $db: 'admin',
        }),
        { ok: 1 },
      ]),
    },
  },
  {
    command: 'replSetStepDown',
    options: {
      'secondaryCatchUpPeriodSecs, force': acts(
        admin({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 9 }, 2),
        admin({ replSetStepDown: 1, secondaryCatchUpPeriodSecs: 0 }, 262),
      ),
    },
  },
  {
    command: 'shutdown',
    options: {
      'force, timeoutSecs': acts(
        admin({ shutdown: 1, timeoutSecs: -1 }, 2),
        admin({ shutdown: 1, force: 'x' }, 14),
      ),
    },
  },
];
