import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

const defaultStepDownSecs = 60;
const defaultCatchUpSecs = 10;

export const replSetStepDown = defineCommand({
  name: 'replSetStepDown',
  help: 'Makes the primary a secondary that does not stand for election for a while.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['secondaryCatchUpPeriodSecs', 'force']);
    const force = body.optionalBool('force') ?? false;
    const given = body.optionalInt(body.name) ?? defaultStepDownSecs;
    const seconds = given === 0 ? defaultStepDownSecs : given;
    if (seconds < 0) {
      throw new MongoServerError('BadValue', 'stepdown period must be a positive integer');
    }
    const catchUpGiven = body.optionalInt('secondaryCatchUpPeriodSecs');
    const catchUpSeconds = catchUpGiven ?? (force ? 0 : Math.min(defaultCatchUpSecs, seconds));
    if (catchUpSeconds < 0) {
      throw new MongoServerError(
        'BadValue',
        'secondaryCatchUpPeriodSecs period must be a positive or absent',
      );
    }
    if (catchUpSeconds > seconds) {
      throw new MongoServerError(
        'BadValue',
        'stepdown period must be longer than secondaryCatchUpPeriodSecs',
      );
    }
    return { seconds, catchUpSeconds, force };
  },
  async run(request, context) {
    await replicaSetOf(context).stepDown(request.seconds, {
      force: request.force,
      catchUpSeconds: request.catchUpSeconds,
      signal: context.operation.signal,
      exceptOperation: context.operation.opId,
    });
    return {};
  },
});
