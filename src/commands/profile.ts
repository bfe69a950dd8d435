import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';

interface ProfileRequest {
  readonly slowMs: number | undefined;
}

/** The slow-command log can be set; the collection system.profile is not written yet. */
export const profile = defineCommand<ProfileRequest>({
  name: 'profile',
  help: 'Tells and sets which commands are logged as slow.',
  access: 'admin',
  runsOn: 'anyMember',
  parse(body) {
    body.rejectUnknown(['slowms', 'sampleRate', 'filter']);
    const level = body.requireInt('profile');
    if (level > 0 || body.has('filter')) {
      throw new MongoServerError('NotImplemented', `profile level ${level} is not implemented yet`);
    }
    const sampleRate = body.decode('sampleRate');
    if (sampleRate !== undefined && sampleRate !== 1) {
      throw new MongoServerError(
        'NotImplemented',
        'profile with sampleRate is not implemented yet',
      );
    }
    return { slowMs: body.optionalInt('slowms') };
  },
  run({ slowMs }, context) {
    const before = context.slowMs.value;
    if (slowMs !== undefined) context.slowMs.value = Math.max(slowMs, 0);
    return { was: 0, slowms: before, sampleRate: 1 };
  },
});
