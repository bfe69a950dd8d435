import { runUpdate } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { noVariables } from '../../expressions/index.ts';
import { defineCommand } from '../command.ts';
import {
  concernsReply,
  defaultsFilter,
  defaultsNamespace,
  rawDocument,
  storedConcerns,
} from '../dispatch/default-concerns.ts';
import {
  defaultReadConcern,
  parseReadConcern,
  type ReadConcern,
} from '../dispatch/read-concern.ts';
import {
  defaultWriteConcern,
  parseWriteConcern,
  type WriteConcern,
} from '../dispatch/write-concern.ts';
import { parsedUpdate } from '../documents/update.ts';

interface SetDefaults {
  /** `unset`: `{}` was given; undefined: nothing was. */
  readonly read: ReadConcern | 'unset' | undefined;
  readonly write: WriteConcern | 'unset' | undefined;
}

export const setDefaultRwConcern = defineCommand<SetDefaults>({
  name: 'setDefaultRWConcern',
  help: 'Sets the read and write concern of commands that name none, for the whole set.',
  access: 'admin',
  runsOn: 'primary',
  adminOnly: true,
  supportsWriteConcern: true,
  parse(body) {
    body.rejectUnknown(['defaultReadConcern', 'defaultWriteConcern']);
    const hasRead = body.optionalDocument('defaultReadConcern') !== undefined;
    const hasWrite = body.optionalDocument('defaultWriteConcern') !== undefined;
    if (!hasRead && !hasWrite) {
      throw new MongoServerError(
        'BadValue',
        'At least one of the "defaultReadConcern" or "defaultWriteConcern" fields must be present',
      );
    }
    const read = parseReadConcern(body, defaultReadConcern, 'defaultReadConcern');
    const write = parseWriteConcern(body, defaultWriteConcern, 'defaultWriteConcern');
    checkRead(read);
    checkWrite(write);
    return {
      read: !hasRead ? undefined : read.provenance === 'implicitDefault' ? 'unset' : read,
      write: !hasWrite ? undefined : write.provenance === 'implicitDefault' ? 'unset' : write,
    };
  },
  async run({ read, write }, { replicaSet, database, operation }) {
    if (replicaSet === undefined) {
      throw new MongoServerError(
        51301,
        "'setDefaultRWConcern' is not supported on standalone nodes.",
      );
    }
    if (write === 'unset' && storedConcerns(database).defaultWriteConcern !== undefined) {
      throw new MongoServerError(
        'IllegalOperation',
        'The global default write concern cannot be unset once it is set.',
      );
    }
    const $set = {
      ...(typeof read === 'object' ? { defaultReadConcern: { level: read.level } } : {}),
      ...(typeof write === 'object' ? { defaultWriteConcern: storedForm(write) } : {}),
      updateOpTime: replicaSet.clusterTime()?.operationTime,
      updateWallClockTime: new Date(database.now()),
    };
    const change = read === 'unset' ? { $set, $unset: { defaultReadConcern: '' } } : { $set };
    await runUpdate(
      database,
      operation,
      parsedUpdate(
        database,
        defaultsNamespace,
        {
          filter: defaultsFilter,
          update: rawDocument(change),
          multi: false,
          upsert: true,
          arrayFilters: undefined,
          constants: undefined,
          hint: undefined,
          sort: undefined,
          collation: undefined,
        },
        noVariables,
      ),
    );
    return concernsReply(database);
  },
});

function checkRead({ level, afterClusterTime }: ReadConcern): void {
  if (afterClusterTime !== undefined) {
    throw new MongoServerError(
      'BadValue',
      "'afterClusterTime' is not suitable for the default read concern",
    );
  }
  if (level === 'linearizable' || level === 'snapshot') {
    throw new MongoServerError(
      'BadValue',
      `level: '${level}' is not suitable for the default read concern`,
    );
  }
}

function checkWrite({ w }: WriteConcern): void {
  if (w === 0) {
    throw new MongoServerError('BadValue', 'w: 0 is not suitable for the default write concern');
  }
}

function storedForm({ w, j, wtimeout }: WriteConcern): Record<string, unknown> {
  return { w, ...(j === undefined ? {} : { j }), wtimeout };
}
