import os from 'node:os';
import { defineCommand } from '../command.ts';

export const hostInfo = defineCommand({
  name: 'hostInfo',
  help: 'Tells about the machine the server runs on.',
  access: 'admin',
  runsOn: 'anyMember',
  parse: (body) => body.rejectUnknown([]),
  run: (_request, { server }) => ({
    system: {
      currentTime: new Date(),
      hostname: server.host,
      cpuAddrSize: 64,
      memSizeMB: Math.floor(os.totalmem() / 2 ** 20),
      memLimitMB: Math.floor(os.totalmem() / 2 ** 20),
      numCores: os.cpus().length,
      cpuArch: os.machine(),
      numaEnabled: false,
    },
    os: { type: os.type(), name: os.version(), version: os.release() },
    extra: { versionString: os.version(), pageSize: 4096n, nodeVersion: process.version },
  }),
});
