export { type CodeName, errorCodes } from './codes.ts';
export { type ErrorLabel, retryableWriteCodes } from './labels.ts';
export { during, MongoServerError, type MongoServerErrorOptions } from './mongo-server-error.ts';
