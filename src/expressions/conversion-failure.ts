import { MongoServerError } from '../errors/index.ts';

/** What `onError` of `$convert` and `$dateFromString` answers for. */
export function conversionFailure(message: string): MongoServerError {
  return new MongoServerError('ConversionFailure', message);
}
