import { MongoServerError } from '../../errors/index.ts';

/** A PCRE pattern as a JavaScript regular expression with the same meaning. */
export function translateRegex(pattern: string, options: string): RegExp {
  const flags = ['i', 'm', 's'].filter((flag) => options.includes(flag)).join('');
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch (error) {
    throw new MongoServerError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}
