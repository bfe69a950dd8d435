import type { RawValue } from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import { distinctOf } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import {
  checkNotRejected,
  plannedSettings,
  settingsOf,
  shapeOfQuery,
} from '../plans/query-settings.ts';
import { viewBehind } from './view-behind.ts';
import { distinctOnView } from './views.ts';

export interface Distinct {
  readonly namespace: string;
  readonly path: string;
  readonly filter: RawValue | undefined;
  readonly hint: RawValue | undefined;
  readonly collation: GivenCollation | undefined;
}

export const distinct = defineCommand<Distinct>({
  name: 'distinct',
  help: 'Lists the different values of a field.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse: readDistinct,
  async run(request, context) {
    const { database, operation, readConcern } = context;
    const { namespace, path } = request;
    const view = viewBehind(context, namespace);
    if (view !== undefined) {
      return { values: await distinctOnView(request, view, context), ok: 1 };
    }
    const settings = settingsOf(database, () => shapeOfQuery('distinct', namespace, request, path));
    checkNotRejected(settings);
    const values = await distinctOf(database, operation, readConcern.level, {
      ...request,
      settings: plannedSettings(settings, namespace),
    });
    return { values };
  },
});

export function readDistinct(body: CommandBody): Distinct {
  body.rejectUnknown(['key', 'query', 'hint', 'collation']);
  const path = body.requireString('key');
  if (path.includes('\0')) {
    throw new MongoServerError(31032, 'the key of a distinct holds no NUL character');
  }
  return {
    namespace: body.namespace(),
    path,
    filter: body.optionalDocument('query'),
    hint: body.value('hint'),
    collation: readCollation(body),
  };
}
