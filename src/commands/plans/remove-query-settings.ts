import { defineCommand } from '../command.ts';
import { changeSettings, type NamedShape, readShapeOf } from './query-settings-change.ts';

/** Manual: removeQuerySettings. */
export const removeQuerySettings = defineCommand<NamedShape>({
  name: 'removeQuerySettings',
  help: 'Forgets what was said about queries of one shape.',
  access: 'admin',
  runsOn: 'primary',
  adminOnly: true,
  supportsWriteConcern: true,
  parse(body) {
    body.rejectUnknown([]);
    return readShapeOf(body);
  },
  async run({ hash }, { database, operation, replicaSet }) {
    const time = replicaSet?.clusterTime()?.operationTime;
    await changeSettings(database, operation, time, (shapes) => {
      const rest = shapes.filter(({ queryShapeHash }) => queryShapeHash !== hash);
      return rest.length === shapes.length ? undefined : rest;
    });
    return {};
  },
});
