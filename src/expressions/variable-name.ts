import { BsonType } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { textOf, type Value } from './value.ts';

const letter = /[a-zA-Z\u0080-\uffff]/;
const letterOrDigit = /[\w\u0080-\uffff]/;

/** Throws unless `name` may stand behind `$$`. */
export function checkVariableName(name: string): void {
  if (name === '') {
    throw new MongoServerError('FailedToParse', 'empty variable names are not allowed');
  }
  if (!letter.test(name[0]!)) {
    throw new MongoServerError(
      'FailedToParse',
      `'${name}' starts with an invalid character for a variable name`,
    );
  }
  checkRest(name);
}

/** Throws unless a client may define a variable of this name. */
export function checkUserVariableName(name: string): void {
  if (name === '') {
    throw new MongoServerError('FailedToParse', 'empty variable names are not allowed');
  }
  if (name === 'CURRENT') return;
  if (!/[a-z\u0080-\uffff]/.test(name[0]!)) {
    throw new MongoServerError(
      'FailedToParse',
      `'${name}' starts with an invalid character for a user variable name`,
    );
  }
  checkRest(name);
}

/** The name that `as` gives the variable of each element; what is no text is no name. */
export function elementVariable(as: Value | undefined): string {
  if (as === undefined) return 'this';
  const name = as.type === BsonType.string ? textOf(as) : '';
  checkUserVariableName(name);
  return name;
}

function checkRest(name: string): void {
  const bad = [...name].slice(1).find((one) => !letterOrDigit.test(one));
  if (bad === undefined) return;
  throw new MongoServerError(
    'FailedToParse',
    `'${name}' contains an invalid character for a variable name: '${bad}'`,
  );
}
