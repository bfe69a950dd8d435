import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';
import type { FailCommandData } from './fail-points.ts';

interface ConfigureFailPointRequest {
  readonly name: string;
  readonly mode: { readonly skip: number; readonly times: number };
  readonly data: FailCommandData | undefined;
}

const dataFields: ReadonlySet<string> = new Set([
  'appName',
  'blockConnection',
  'blockTimeMS',
  'closeConnection',
  'errorCode',
  'errorLabels',
  'failCommands',
  'failInternalCommands',
  'failLocalClients',
  'namespace',
  'writeConcernError',
]);

export const configureFailPoint = defineCommand<ConfigureFailPointRequest>({
  name: 'configureFailPoint',
  help: 'Makes chosen commands fail, for tests of drivers.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    const mode = readMode(body.decode('mode'));
    const data = body.decode('data') as Record<string, unknown> | undefined;
    if (data !== undefined) {
      for (const field of Object.keys(data)) {
        if (dataFields.has(field)) continue;
        throw new MongoServerError(
          'NotImplemented',
          `failCommand with ${field} is not implemented`,
        );
      }
      const { blockTimeMS } = data;
      if (data.blockConnection === true && !(Number(blockTimeMS) >= 0)) {
        throw new MongoServerError(
          'InvalidOptions',
          "must specify 'blockTimeMS' when 'blockConnection' is true",
        );
      }
    }
    return {
      name: body.requireString('configureFailPoint'),
      mode,
      data: data && ({ ...data, failCommands: data.failCommands ?? [] } as FailCommandData),
    };
  },
  run({ name, mode, data }, { failPoints, parameters }) {
    if (parameters.get('enableTestCommands')?.get() !== true) {
      throw new MongoServerError('CommandNotFound', "no such command: 'configureFailPoint'");
    }
    if (name !== 'failCommand') {
      if (mode.times === 0) return {};
      throw new MongoServerError('NotImplemented', `the fail point ${name} is not implemented`);
    }
    return { count: failPoints.configure(data, mode) };
  },
});

function readMode(mode: unknown): { skip: number; times: number } {
  if (mode === 'off') return { skip: 0, times: 0 };
  if (mode === 'alwaysOn') return { skip: 0, times: Number.POSITIVE_INFINITY };
  if (typeof mode === 'object' && mode !== null) {
    const { times, skip } = mode as { times?: unknown; skip?: unknown };
    if (typeof times === 'number') return { skip: 0, times };
    if (typeof skip === 'number') return { skip, times: Number.POSITIVE_INFINITY };
  }
  throw new MongoServerError('BadValue', `unknown fail point mode: ${String(mode)}`);
}
