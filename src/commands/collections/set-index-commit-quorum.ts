import { BsonType, decodeValue } from '../../bson/index.ts';
import { type CommitQuorum, setCommitQuorum } from '../../database/index.ts';
import { defineCommand } from '../command.ts';
import { arrayValues } from '../dispatch/field-values.ts';
import { readCommitQuorum } from './commit-quorum-option.ts';

interface SetIndexCommitQuorum {
  readonly namespace: string;
  readonly names: readonly string[];
  readonly quorum: CommitQuorum;
}

export const setIndexCommitQuorum = defineCommand<SetIndexCommitQuorum>({
  name: 'setIndexCommitQuorum',
  help: 'Changes which members must have built an index before it is ready, while it is built.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['indexNames', 'commitQuorum']);
    const namespace = body.namespace();
    const array = body.value('indexNames');
    if (array === undefined) throw body.missing('indexNames');
    if (array.type !== BsonType.array) throw body.wrongType('indexNames', array.type, "'array'");
    const names = [...arrayValues(array)].map((value, at) => {
      if (value.type === BsonType.string) return decodeValue(value) as string;
      throw body.wrongType(`indexNames.${at}`, value.type, "'string'");
    });
    const quorum = readCommitQuorum(body);
    if (quorum === undefined) throw body.missing('commitQuorum');
    return { namespace, names, quorum };
  },
  async run({ namespace, names, quorum }, { database, operation }) {
    await setCommitQuorum(database, operation, namespace, names, quorum);
    return {};
  },
});
