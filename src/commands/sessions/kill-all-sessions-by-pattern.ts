import { Binary } from 'bson';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { killOperationsOf } from './kill-sessions.ts';

export const killAllSessionsByPattern = defineCommand<readonly Record<string, unknown>[]>({
  name: 'killAllSessionsByPattern',
  help: 'Ends the sessions that match one of the patterns, all when there is none.',
  access: 'admin',
  runsOn: 'anyMember',
  parse(body) {
    body.requireArray(body.name);
    const patterns = body.decode(body.name) as Record<string, unknown>[];
    for (const pattern of patterns) {
      for (const field of Object.keys(pattern)) {
        if (field === 'lsid') continue;
        throw new MongoServerError(
          'NotImplemented',
          `killAllSessionsByPattern by ${field} is not implemented yet`,
        );
      }
    }
    return patterns;
  },
  run(patterns, context) {
    const ids = new Set<string>();
    let everything = patterns.length === 0;
    for (const pattern of patterns) {
      const id = (pattern.lsid as { id?: unknown } | undefined)?.id;
      if (id instanceof Binary) ids.add(Buffer.from(id.value()).toString('hex'));
      else everything = true;
    }
    killOperationsOf((id) => everything || ids.has(id), context);
    return {};
  },
});
