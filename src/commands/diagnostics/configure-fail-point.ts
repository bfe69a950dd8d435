import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import type { FailCommandData, FailPointMode, FailWriteData } from '../dispatch/fail-points.ts';

interface ConfigureFailPointRequest {
  readonly name: string;
  readonly mode: FailPointMode;
  readonly data: Readonly<Record<string, unknown>>;
}

type FieldType = 'boolean' | 'number' | 'string' | 'strings' | 'object';

/** The fields of each fail point's data, and what each must be. */
const dataFields: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  failCommand: {
    appName: 'string',
    blockConnection: 'boolean',
    blockTimeMS: 'number',
    closeConnection: 'boolean',
    errorCode: 'number',
    errorLabels: 'strings',
    failCommands: 'strings',
    failInternalCommands: 'boolean',
    namespace: 'string',
    threadName: 'string',
    writeConcernError: 'object',
  } satisfies Record<keyof FailCommandData, FieldType>,
  onPrimaryTransactionalWrite: {
    closeConnection: 'boolean',
    failBeforeCommitExceptionCode: 'number',
  } satisfies Record<keyof FailWriteData, FieldType>,
};

export const configureFailPoint = defineCommand<ConfigureFailPointRequest>({
  name: 'configureFailPoint',
  help: 'Makes chosen commands fail, for tests of drivers.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['data', 'mode']);
    const name = body.requireString('configureFailPoint');
    const mode = readMode(body.decode('mode'));
    const data = (body.decode('data') ?? {}) as Record<string, unknown>;
    const fields = dataFields[name];
    if (fields === undefined) {
      throw new MongoServerError('FailPointSetFailed', `${name} not found`);
    }
    checkData(name, fields, data);
    return { name, mode, data };
  },
  run({ name, mode, data }, { failPoints, parameters }) {
    if (parameters.get('enableTestCommands')?.get() !== true) {
      throw new MongoServerError('CommandNotFound', "no such command: 'configureFailPoint'");
    }
    const count =
      name === 'failCommand'
        ? failPoints.failCommand.configure({ failCommands: [], ...data }, mode)
        : failPoints.onPrimaryTransactionalWrite.configure(data, mode);
    return { count };
  },
});

function checkData(
  name: string,
  fields: Readonly<Record<string, FieldType>>,
  data: Readonly<Record<string, unknown>>,
): void {
  for (const [field, value] of Object.entries(data)) {
    const type = fields[field];
    if (type === undefined) {
      throw new MongoServerError('NotImplemented', `${name} with ${field} is not implemented`);
    }
    if (!isOfType(value, type)) {
      throw new MongoServerError('TypeMismatch', `${name}: ${field} has the wrong type`);
    }
  }
  if (data.blockConnection !== true) return;
  if (data.blockTimeMS === undefined) {
    throw new MongoServerError(
      'InvalidOptions',
      "must specify 'blockTimeMS' when 'blockConnection' is true",
    );
  }
  if (Number(data.blockTimeMS) < 0) {
    throw new MongoServerError('InvalidOptions', "'blockTimeMS' must be non-negative");
  }
}

function isOfType(value: unknown, type: FieldType): boolean {
  if (type === 'strings') {
    return Array.isArray(value) && value.every((each) => typeof each === 'string');
  }
  if (type === 'object') return typeof value === 'object' && value !== null;
  return typeof value === type;
}

function readMode(mode: unknown): FailPointMode {
  const always = { skip: 0, times: Number.POSITIVE_INFINITY, probability: 1 };
  if (mode === 'off') return { ...always, times: 0 };
  if (mode === 'alwaysOn') return always;
  if (typeof mode === 'object' && mode !== null) {
    const { times, skip, activationProbability: probability } = mode as Record<string, unknown>;
    if (typeof times === 'number' && times >= 0) return { ...always, times };
    if (typeof skip === 'number' && skip >= 0) return { ...always, skip };
    if (typeof probability === 'number' && probability >= 0 && probability <= 1) {
      return { ...always, probability };
    }
  }
  throw new MongoServerError('BadValue', `unknown fail point mode: ${JSON.stringify(mode)}`);
}
