/** Server parameters, for getParameter and setParameter. */
import { MongoServerError } from '../errors/index.ts';

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

  all(): IterableIterator<ServerParameter> {
    return this.#byName.values();
  }
}
