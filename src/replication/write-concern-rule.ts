/** What a write concern asks of this configuration, or why it can never be met. */
import type { ReplicaSetConfig } from '../ark/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { AcknowledgementRule } from './write-concern-waiters.ts';

/** Undefined: satisfied as soon as the write is durable here. */
export function acknowledgementRule(
  w: number | string,
  config: ReplicaSetConfig,
): AcknowledgementRule | undefined {
  if (w === 'majority') {
    return { kind: 'majority' };
  }
  if (typeof w === 'number') {
    if (w <= 1) {
      return undefined;
    }
    if (w > config.members.filter((member) => !member.arbiterOnly).length) {
      throw new MongoServerError('UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
    }
    return { kind: 'count', members: w };
  }
  const mode = config.settings.getLastErrorModes[w];
  if (mode === undefined) {
    throw new MongoServerError(
      'UnknownReplWriteConcern',
      `No write concern mode named '${w}' found in replica set configuration`,
    );
  }
  for (const [tag, count] of Object.entries(mode)) {
    const values = new Set(config.members.map((member) => member.tags[tag]));
    values.delete(undefined as never);
    if (values.size < count) {
      throw new MongoServerError(
        'UnsatisfiableWriteConcern',
        'Not enough nodes match write concern mode',
      );
    }
  }
  return { kind: 'tags', mode: w };
}
