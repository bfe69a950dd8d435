/** Fields of the commands on the server and its plans. */
import type { Document } from 'mongodb';
import { ids, type ProbeBed, type Step } from '../feature-row.ts';
import {
  acts,
  type CommandOptions,
  caseless,
  idle,
  indexOnA,
  refused,
  withThings,
} from './option-row.ts';

function admin(command: Document, answer?: Step[1]): Step {
  return [{ ...command, $db: 'admin' }, answer];
}

function number(value: unknown): number {
  return Number(value);
}

/** A connection that asks nothing is listed with `$all` only. */
async function idleConnections({ client }: ProbeBed): Promise<void> {
  const { RawClient } = await import('../../../test/support/raw-client.ts');
  const raw = await RawClient.connect(Number(client.options.hosts[0]?.port));
  try {
    await raw.command({ hello: 1, $db: 'admin' });
    const idleOnes = async (command: Document): Promise<number> => {
      const { inprog } = await client.db('admin').command(command);
      return inprog.filter(({ active }: Document) => active === false).length;
    };
    if ((await idleOnes({ currentOp: 1, $all: true })) === 0) throw new Error('no idle connection');
    if ((await idleOnes({ currentOp: 1 })) > 0) throw new Error('an idle connection is shown');
  } finally {
    raw.close();
  }
}

const statistics: readonly CommandOptions[] = [
  {
    command: 'collStats',
    options: {
      scale: acts(
        ...withThings([
          { collStats: 'things', scale: 2 },
          ({ scaleFactor }) => number(scaleFactor) === 2,
        ]),
      ),
    },
  },
  {
    command: 'dbStats',
    options: {
      scale: acts(
        ...withThings([{ dbStats: 1, scale: 2 }, ({ scaleFactor }) => number(scaleFactor) === 2]),
      ),
      freeStorage: acts(
        ...withThings(
          [{ dbStats: 1, freeStorage: 1 }, { totalFreeStorageSize: 0 }],
          [{ dbStats: 1 }, (reply) => !('totalFreeStorageSize' in reply)],
        ),
      ),
    },
  },
  {
    command: 'dataSize',
    options: {
      'keyPattern, min, max': refused(
        'the size of a part of a collection is not counted',
        ...withThings([
          { dataSize: 'x.things', keyPattern: { a: 1 }, min: { a: 1 }, max: { a: 2 } },
          238,
        ]),
      ),
      estimate: idle(
        'sizes are counted as documents come and go: exact, and as quick',
        ...withThings([{ dataSize: 'x.things', estimate: true }, { estimate: true }]),
      ),
    },
  },
  {
    command: 'dbHash',
    options: {
      collections: acts(
        ...withThings(
          [{ create: 'other' }],
          [
            { dbHash: 1, collections: ['other'] },
            ({ collections }) => Object.keys(collections).join() === 'other',
          ],
        ),
      ),
      skipTempCollections: idle(
        'no collection is a temporary one',
        ...withThings([
          { dbHash: 1, skipTempCollections: true },
          ({ collections }) => 'things' in collections,
        ]),
      ),
    },
  },
  {
    command: 'serverStatus',
    options: {
      'names of sections, none': acts(
        [
          { serverStatus: 1, metrics: 0 },
          (reply) => !('metrics' in reply) && 'opcounters' in reply,
        ],
        [
          { serverStatus: 1, none: 1, repl: 1 },
          (reply) => !('opcounters' in reply) && reply.repl.setName === 'rs0',
        ],
      ),
    },
  },
  {
    command: 'profile',
    options: {
      slowms: acts(
        [{ profile: 0, slowms: 90 }],
        [{ profile: -1 }, { slowms: 90 }],
        [{ profile: 0, slowms: 100 }],
      ),
      sampleRate: acts(
        [{ profile: 0, sampleRate: 0.5 }],
        [{ profile: -1 }, { sampleRate: 0.5 }],
        [{ profile: 0, sampleRate: 1 }],
      ),
      filter: acts(
        [{ profile: 1, filter: { op: 'query' } }],
        [{ find: 'seen' }],
        [{ profile: 0, filter: 'unset' }],
        [{ count: 'system.profile', query: { ns: { $regex: 'seen$' } } }, { n: 1 }],
      ),
    },
  },
];

const plans: readonly CommandOptions[] = [
  {
    command: 'planCacheClear',
    options: {
      'query, projection, sort, collation': acts(
        ...withThings(indexOnA, [
          { planCacheClear: 'things', query: { a: 1 }, collation: caseless },
        ]),
        [{ planCacheClear: 'things', sort: { a: 1 } }, 2],
      ),
    },
  },
  {
    command: 'planCacheSetFilter',
    options: {
      'query, projection, sort, collation, indexes': acts(
        ...withThings(
          indexOnA,
          [{ planCacheSetFilter: 'things', query: { a: 1 }, indexes: ['none'] }],
          [
            { explain: { find: 'things', filter: { a: 1 } }, verbosity: 'queryPlanner' },
            { queryPlanner: { indexFilterSet: true } },
          ],
        ),
      ),
    },
  },
  {
    command: 'planCacheClearFilters',
    options: {
      'query, projection, sort, collation': acts(
        ...withThings(
          [{ planCacheSetFilter: 'things', query: { a: 1 }, indexes: ['x'] }],
          [{ planCacheSetFilter: 'things', query: { b: 1 }, indexes: ['x'] }],
          [{ planCacheClearFilters: 'things', query: { a: 1 } }],
          [{ planCacheListFilters: 'things' }, { filters: [{ query: { b: 1 } }] }],
        ),
      ),
    },
  },
  {
    command: 'setQuerySettings',
    options: {
      settings: acts(
        ...withThings(
          [
            ({ $clusterTime: _ }) => ({
              setQuerySettings: { find: 'banned', filter: { a: 1 }, $db: 'settings' },
              settings: { reject: true },
              $db: 'admin',
            }),
          ],
          [{ find: 'banned', filter: { a: 5 }, $db: 'settings' }, 411],
          [
            {
              removeQuerySettings: { find: 'banned', filter: { a: 1 }, $db: 'settings' },
              $db: 'admin',
            },
          ],
          [{ find: 'banned', filter: { a: 5 }, $db: 'settings' }, ids()],
        ),
      ),
    },
  },
];

const server: readonly CommandOptions[] = [
  {
    command: 'connectionStatus',
    options: {
      showPrivileges: acts(
        [
          { connectionStatus: 1, showPrivileges: true },
          { authInfo: { authenticatedUserPrivileges: [] } },
        ],
        [{ connectionStatus: 1 }, ({ authInfo }) => !('authenticatedUserPrivileges' in authInfo)],
      ),
    },
  },
  {
    command: 'currentOp',
    options: {
      $all: { kind: 'acts', probe: idleConnections },
      $truncateOps: acts(
        admin({ currentOp: 1, $truncateOps: true, comment: 'x'.repeat(2000) }, ({ inprog }) =>
          JSON.stringify(inprog).includes('$truncated'),
        ),
      ),
      $ownOps: idle(
        'there are no users: every operation is one\u2019s own',
        admin({ currentOp: 1, $ownOps: true }, ({ inprog }) => inprog.length > 0),
      ),
      'fields that filter': acts(admin({ currentOp: 1, op: 'none' }, { inprog: [] })),
    },
  },
  {
    command: 'killOp',
    options: {
      op: acts(
        admin({ killOp: 1 }, 4),
        admin({ killOp: 1, op: 1 }, { info: 'attempting to kill op' }),
      ),
    },
  },
  {
    command: 'getParameter',
    options: {
      'allParameters, showDetails': acts(
        admin({ getParameter: { allParameters: true } }, (reply) => 'ttlMonitorSleepSecs' in reply),
        admin(
          { getParameter: { showDetails: true }, ttlMonitorSleepSecs: 1 },
          { ttlMonitorSleepSecs: { value: 60, settableAtRuntime: true } },
        ),
      ),
      setAt: acts(
        admin(
          { getParameter: { allParameters: true, setAt: 'runtime' } },
          (reply) => 'ttlMonitorSleepSecs' in reply && !('featureCompatibilityVersion' in reply),
        ),
        admin({ getParameter: { allParameters: true, setAt: 'never' } }, 2),
      ),
    },
  },
  {
    command: 'configureFailPoint',
    options: {
      'mode, data': acts(
        admin({
          configureFailPoint: 'failCommand',
          mode: { times: 1 },
          data: { failCommands: ['count'], errorCode: 4242 },
        }),
        [{ count: 'c' }, 4242],
        [{ count: 'c' }, { n: 0 }],
      ),
    },
  },
  {
    command: 'getDefaultRWConcern',
    options: {
      inMemory: acts(admin({ getDefaultRWConcern: 1, inMemory: true }, { inMemory: true })),
    },
  },
  {
    command: 'setDefaultRWConcern',
    options: {
      defaultReadConcern: acts(
        admin({ setDefaultRWConcern: 1, defaultReadConcern: { level: 'majority' } }),
        admin({ getDefaultRWConcern: 1 }, { defaultReadConcern: { level: 'majority' } }),
        admin({ setDefaultRWConcern: 1, defaultReadConcern: { level: 'local' } }),
      ),
      defaultWriteConcern: acts(
        admin({ setDefaultRWConcern: 1, defaultWriteConcern: { w: 1 } }),
        admin({ getDefaultRWConcern: 1 }, { defaultWriteConcern: { w: 1 } }),
        admin({ setDefaultRWConcern: 1, defaultWriteConcern: { w: 'majority' } }),
      ),
    },
  },
  {
    command: 'fsync',
    options: {
      lock: refused('writes are not held up', admin({ fsync: 1, lock: true }, 238)),
    },
  },
  {
    command: 'usersInfo',
    options: {
      'showCredentials, showCustomData, showPrivileges, showAuthenticationRestrictions, filter':
        idle(
          'there are no users',
          [{ usersInfo: 1, showPrivileges: true }, { users: [] }],
          [{ usersInfo: 1, colour: 1 }, 40415],
        ),
    },
  },
  {
    command: 'rolesInfo',
    options: {
      'showPrivileges, showAuthenticationRestrictions': idle(
        'there are no roles',
        [{ rolesInfo: 1, showPrivileges: true }, { roles: [] }],
        [{ rolesInfo: 1, colour: 1 }, 40415],
      ),
      showBuiltinRoles: refused('there are no roles yet', [
        { rolesInfo: 1, showBuiltinRoles: true },
        238,
      ]),
    },
  },
];

export const serverOptions: readonly CommandOptions[] = [...statistics, ...plans, ...server];
