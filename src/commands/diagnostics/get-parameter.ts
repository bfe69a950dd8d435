import { MongoServerError } from '../../errors/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';
import type { ServerParameter } from '../dispatch/server-parameters.ts';

/** Fields beside the names of parameters. */
const ownFields: ReadonlySet<string> = new Set([
  'getParameter',
  'allParameters',
  'showDetails',
  'setAt',
]);

interface GetParameterRequest {
  readonly names: readonly string[] | 'all';
  readonly showDetails: boolean;
  /** Only those that can be set then. */
  readonly setAt: SetAt | undefined;
}

type SetAt = 'startup' | 'runtime';

function readSetAt(value: unknown): SetAt | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'startup' || value === 'runtime') return value;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${String(value)}' for field 'getParameter.setAt' is not a valid value.`,
  );
}

function isSettable(parameter: ServerParameter, setAt: SetAt | undefined): boolean {
  if (setAt === 'startup') return parameter.settableAtStartup;
  return setAt === undefined || parameter.settableAtRuntime;
}

export const getParameter = defineCommand<GetParameterRequest>({
  name: 'getParameter',
  help: 'Tells the values of server parameters.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    const first = body.decode('getParameter');
    let all = first === '*';
    let showDetails = false;
    let setAt: SetAt | undefined;
    if (typeof first === 'object' && first !== null) {
      const options = first as { showDetails?: unknown; allParameters?: unknown; setAt?: unknown };
      showDetails = options.showDetails === true;
      all = options.allParameters === true;
      setAt = readSetAt(options.setAt);
    }
    const names = [...body.fieldNames()].filter(
      (name) => !ownFields.has(name) && !body.isGeneric(name),
    );
    if (!all && names.length === 0) {
      throw new MongoServerError('InvalidOptions', 'no option found to get');
    }
    return { names: all ? 'all' : names, showDetails, setAt };
  },
  run({ names, showDetails, setAt }, { parameters }) {
    const reply: ReplyDocument = {};
    const wanted =
      names === 'all'
        ? [...parameters.all()].filter((parameter) => isSettable(parameter, setAt))
        : names.flatMap((name) => {
            const parameter = parameters.get(name);
            return parameter === undefined ? [] : [parameter];
          });
    if (wanted.length === 0) {
      throw new MongoServerError('InvalidOptions', 'no option found to get');
    }
    for (const parameter of wanted) {
      const value = parameter.get();
      reply[parameter.name] = showDetails
        ? {
            value,
            settableAtRuntime: parameter.settableAtRuntime,
            settableAtStartup: parameter.settableAtStartup,
          }
        : value;
    }
    return reply;
  },
});
