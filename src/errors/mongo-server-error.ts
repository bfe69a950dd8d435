import { type CodeName, errorCodes } from './codes.ts';
import type { ErrorLabel } from './labels.ts';

export interface MongoServerErrorOptions {
  /** Further fields of the reply, e.g. keyPattern and keyValue of a DuplicateKey. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly labels?: readonly ErrorLabel[];
  readonly cause?: unknown;
}

/**
 * An error the client is told: a protocol code, its name, a message in MongoDB's wording where
 * tools match on it. Anything else that is thrown is a fault of ours and ends the member.
 *
 * Codes without a name in the protocol ("Location12345") are given as their number.
 */
export class MongoServerError extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly labels: readonly ErrorLabel[];

  constructor(code: CodeName | number, message: string, options: MongoServerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MongoServerError';
    this.code = typeof code === 'number' ? code : errorCodes[code];
    this.codeName = typeof code === 'number' ? `Location${code}` : code;
    this.fields = options.fields ?? {};
    this.labels = options.labels ?? [];
  }

  /** The same error, told as MongoDB tells where it came up: `context :: caused by :: message`. */
  during(context: string): MongoServerError {
    const { codeName, fields, labels } = this;
    const code = codeName in errorCodes ? (codeName as CodeName) : this.code;
    const message = `${context} :: caused by :: ${this.message}`;
    return new MongoServerError(code, message, { fields, labels, cause: this });
  }

  is(codeName: CodeName): boolean {
    return this.codeName === codeName;
  }
}

/** What `run` gives; an error of the client's is told with its context. */
export async function during<T>(context: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof MongoServerError ? error.during(context) : error;
  }
}
