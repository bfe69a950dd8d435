/** Server parameters, for getParameter and setParameter. */
import { MongoServerError } from '../../errors/index.ts';

export interface ServerParameter {
  readonly name: string;
  readonly settableAtRuntime: boolean;
  readonly settableAtStartup: boolean;
  get(): unknown;
  /** Checks and stores; throws MongoServerError when the value is refused. */
  set?(value: unknown): void;
}

export class ServerParameters {
  readonly #byName = new Map<string, ServerParameter>();

  /** A parameter whose value is kept here. */
  declare<T>(name: string, initial: T, check?: (value: unknown) => T): { value: T } {
    const cell = { value: initial };
    this.register({
      name,
      settableAtRuntime: check !== undefined,
      settableAtStartup: true,
      get: () => cell.value,
      ...(check && {
        set: (value: unknown) => {
          cell.value = check(value);
        },
      }),
    });
    return cell;
  }

  register(parameter: ServerParameter): void {
    this.#byName.set(parameter.name, parameter);
  }

  get(name: string): ServerParameter | undefined {
    return this.#byName.get(name);
  }

  /** Stores a value and returns the one before. */
  set(name: string, value: unknown): unknown {
    const parameter = this.#byName.get(name);
    if (parameter === undefined) {
      throw new MongoServerError(
        'InvalidOptions',
        `attempted to set unrecognized parameter [${name}], use help:true to see options`,
      );
    }
    if (!parameter.settableAtRuntime || parameter.set === undefined) {
      throw new MongoServerError('IllegalOperation', `not allowed to change [${name}] at runtime`);
    }
    const before = parameter.get();
    parameter.set(value);
    return before;
  }

  /** Stores a value given as text when the server starts. Throws BadValue for what cannot be set then. */
  setAtStartup(name: string, text: string): void {
    const parameter = this.#byName.get(name);
    if (parameter === undefined) {
      throw new MongoServerError('BadValue', `Unknown --setParameter '${name}'`);
    }
    if (!parameter.settableAtStartup || parameter.set === undefined) {
      throw new MongoServerError(
        'BadValue',
        `Cannot use --setParameter to set '${name}' at startup`,
      );
    }
    parameter.set(valueOfText(text));
  }

  all(): IterableIterator<ServerParameter> {
    return this.#byName.values();
  }
}

/** What a word of the command line means: a boolean, a number, or itself. */
function valueOfText(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
