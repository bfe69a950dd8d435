import { DocumentWriter } from '../../bson/index.ts';
import { dropIndexes as dropSelected, type IndexSelection } from '../../database/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { refuseOnView } from '../documents/views.ts';

export const dropIndexes = defineCommand<{ namespace: string; selection: IndexSelection }>({
  name: 'dropIndexes',
  aliases: ['deleteIndexes'],
  help: 'Drops indexes of a collection.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['index']);
    return { namespace: body.namespace(), selection: selectionOf(body) };
  },
  async run({ namespace, selection }, context) {
    const { database, operation } = context;
    refuseOnView(context);
    const before = await dropSelected(database, operation, namespace, selection);
    return {
      nIndexesWas: before,
      ...(selection === '*' ? { msg: `non-_id indexes dropped for collection` } : {}),
    };
  },
});

function selectionOf(body: CommandBody): IndexSelection {
  const value = body.value('index');
  if (value === undefined) throw body.missing('index');
  switch (value.type) {
    case 2:
      return body.requireString('index');
    case 3: {
      const writer = new DocumentWriter();
      writer.startDocument();
      writer.raw('key', value);
      writer.string('name', '');
      writer.end();
      return writer.finish();
    }
    case 4:
      return (body.decode('index') as unknown[]).map((name) => {
        if (typeof name === 'string') return name;
        throw body.wrongType('index', 16, "'string'");
      });
    default:
      throw body.wrongType('index', value.type, "'[string, object, array']");
  }
}
