export { type CodeName, errorCodes } from './codes.ts';
export { type ErrorLabel, retryableWriteCodes } from './labels.ts';
export { MongoServerError, type MongoServerErrorOptions } from './mongo-server-error.ts';
