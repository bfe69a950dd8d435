/** The commands that change users and roles: refused by name until authentication is built. */
import { MongoServerError } from '../../errors/index.ts';
import { type Command, defineCommand } from '../command.ts';

const names: readonly string[] = [
  'createRole',
  'createUser',
  'dropAllRolesFromDatabase',
  'dropAllUsersFromDatabase',
  'dropRole',
  'dropUser',
  'grantPrivilegesToRole',
  'grantRolesToRole',
  'grantRolesToUser',
  'revokePrivilegesFromRole',
  'revokeRolesFromRole',
  'revokeRolesFromUser',
  'updateRole',
  'updateUser',
];

export const userManagement: readonly Command[] = names.map((name) =>
  defineCommand({
    name,
    help: 'Not implemented yet.',
    access: 'admin',
    runsOn: 'primary',
    supportsWriteConcern: true,
    parse(): never {
      throw new MongoServerError('NotImplemented', `${name} is not implemented yet`);
    },
    run: () => ({}),
  }),
);
