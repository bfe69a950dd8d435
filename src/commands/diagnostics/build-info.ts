import { defineCommand } from '../command.ts';
import { arksetVersion, serverVersion, serverVersionArray } from './version.ts';

export const buildInfo = defineCommand({
  name: 'buildInfo',
  aliases: ['buildinfo'],
  help: 'Tells the version of the server and what it was built with.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: (body) => body.rejectUnknown([]),
  run: (_request, context) => ({
    version: serverVersion,
    gitVersion: 'arkset',
    modules: [],
    allocator: 'system',
    javascriptEngine: 'none',
    sysInfo: 'deprecated',
    versionArray: serverVersionArray,
    openssl: { running: process.versions.openssl, compiled: process.versions.openssl },
    buildEnvironment: {
      distmod: '',
      distarch: process.arch,
      target_arch: process.arch,
      target_os: process.platform,
    },
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16_777_216,
    storageEngines: [context.server.storageEngine],
    arkset: { version: arksetVersion, node: process.versions.node },
  }),
});
