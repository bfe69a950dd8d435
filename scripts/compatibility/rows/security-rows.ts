/** Users, roles, authentication, encryption: what a client that asks for it is told. */
import { Binary } from 'bson';
import { OptionError, parseCommandLine } from '../../../src/options/index.ts';
import { type FeatureTable, no, type Probe, type Step, yes } from '../feature-row.ts';

function mechanism(name: string): Step {
  return [{ saslStart: 1, mechanism: name, payload: new Binary(Buffer.from('n,,n=a,r=b')) }, 334];
}

/** arkd does not start with any of these. */
function refusesAtStart(...argvs: readonly string[][]): Probe {
  return async () => {
    for (const argv of argvs) {
      try {
        parseCommandLine(argv);
      } catch (error) {
        if (error instanceof OptionError) continue;
        throw error;
      }
      throw new Error(`arkd starts with ${argv.join(' ')}`);
    }
  };
}

const noUsers = 'there are no users yet: error 238';
const enterprise = 'of MongoDB Enterprise';

export const securityRows: FeatureTable = {
  title: 'Users, roles, authentication',
  rows: [
    no('SCRAM-SHA-256, SCRAM-SHA-1', 'no mechanism is enabled yet: error 334', [
      mechanism('SCRAM-SHA-256'),
      mechanism('SCRAM-SHA-1'),
    ]),
    no('MONGODB-X509, `authenticate`', 'there is no TLS: errors 334 and 59', [
      mechanism('MONGODB-X509'),
      [{ authenticate: 1, mechanism: 'MONGODB-X509' }, 59],
    ]),
    no('PLAIN (LDAP), GSSAPI, MONGODB-OIDC, LDAP authorization', enterprise, [
      mechanism('PLAIN'),
      mechanism('GSSAPI'),
      mechanism('MONGODB-OIDC'),
    ]),
    no('MONGODB-AWS', 'of MongoDB Atlas', [mechanism('MONGODB-AWS')]),
    no(
      'speculativeAuthenticate, saslSupportedMechs of hello, skipEmptyExchange',
      'passed over, as for a user who is not there: then saslStart is refused',
      [
        [
          {
            hello: 1,
            saslSupportedMechs: 'admin.ann',
            speculativeAuthenticate: {
              saslStart: 1,
              mechanism: 'SCRAM-SHA-256',
              payload: new Binary(Buffer.from('n,,n=ann,r=b')),
              db: 'admin',
            },
          },
          (reply) => !('speculativeAuthenticate' in reply),
        ],
        mechanism('SCRAM-SHA-256'),
      ],
    ),
    yes(
      '`usersInfo`, `rolesInfo`, `connectionStatus`, `logout`',
      [
        [{ usersInfo: 1 }, { users: [] }],
        [{ rolesInfo: 1 }, { roles: [] }],
        [{ connectionStatus: 1 }, { authInfo: { authenticatedUsers: [] } }],
        [{ logout: 1 }],
      ],
      'there is nobody to list, and nothing to end',
    ),
    no(
      'keyFile and X.509 between members',
      'arkd does not start with them',
      refusesAtStart(['--keyFile', '/k'], ['--clusterAuthMode', 'x509']),
    ),
    no(
      'authorization: `--auth`, the localhost exception',
      'arkd does not start with it',
      refusesAtStart(['--auth']),
    ),
    no('authenticationRestrictions (clientSource, serverAddress)', noUsers, [
      [
        {
          createUser: 'ann',
          pwd: 'x',
          roles: [],
          authenticationRestrictions: [{ clientSource: ['10.0.0.0/8'] }],
        },
        238,
      ],
    ]),
    no(
      'enforced roles: read, readWrite, dbAdmin, dbOwner, userAdmin, clusterAdmin, clusterManager, clusterMonitor, hostManager, enableSharding, backup, restore, readAnyDatabase, readWriteAnyDatabase, userAdminAnyDatabase, dbAdminAnyDatabase, root, directShardOperations, __system',
      noUsers,
      [
        [{ grantRolesToUser: 'ann', roles: ['readWrite'] }, 238],
        [{ rolesInfo: 'root', $db: 'admin' }, { roles: [] }],
        [{ createUser: 'ann', pwd: 'x', roles: ['root'] }, 238],
      ],
    ),
    no('custom roles', noUsers, [[{ createRole: 'r', privileges: [], roles: [] }, 238]]),
    no('auditing', enterprise, refusesAtStart(['--auditDestination', 'file'])),
    no('encryption at rest', enterprise, refusesAtStart(['--enableEncryption'])),
    no('queryable encryption, the server part of CSFLE', 'error 238 for encryptedFields', [
      [
        {
          create: 'c',
          encryptedFields: { fields: [] },
        },
        238,
      ],
    ]),
    no(
      'TLS, client certificates, CRL, OCSP',
      'arkd does not start with them',
      refusesAtStart(
        ['--tlsMode', 'requireTLS'],
        ['--tlsCertificateKeyFile', '/c'],
        ['--tlsCAFile', '/c'],
        ['--tlsCRLFile', '/c'],
      ),
    ),
  ],
};
