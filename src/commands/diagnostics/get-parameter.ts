import { MongoServerError } from '../../errors/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';

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
    if (typeof first === 'object' && first !== null) {
      const options = first as { showDetails?: unknown; allParameters?: unknown };
      showDetails = options.showDetails === true;
      all = options.allParameters === true;
    }
    const names = [...body.fieldNames()].filter(
      (name) => !ownFields.has(name) && !body.isGeneric(name),
    );
    if (!all && names.length === 0) {
      throw new MongoServerError('InvalidOptions', 'no option found to get');
    }
    return { names: all ? 'all' : names, showDetails };
  },
  run({ names, showDetails }, { parameters }) {
    const reply: ReplyDocument = {};
    const wanted =
      names === 'all'
        ? [...parameters.all()]
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
