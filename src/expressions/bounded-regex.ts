/**
 * Regular expressions whose search ends. V8 tries alternatives by backtracking, as PCRE2 does, so a search can
 * take time exponential in the length of its input. Where pattern and length allow for this, the search has a
 * time limit, in the place of PCRE2's match limit; all others run as they are.
 */
import { createContext, Script } from 'node:vm';
import { MongoServerError } from '../errors/index.ts';
import { safeLength } from './regex-cost.ts';
import { groupsOf, type PatternGroups } from './regex-groups.ts';

/** Milliseconds of CPU time for one search: about what PCRE2's ten million steps take. */
const limitMs = 250;

/**
 * Only the time on the wall can be watched, and a machine that is busy otherwise lets that pass while the
 * search stands still: one that was ended before it had its time of the CPU begins again, with more.
 */
const watchedMs: readonly number[] = [limitMs, 2 * limitMs, 4 * limitMs];
/** As much of its time and it has had it: on an idle machine a little is missing too. */
const enoughMs = 0.8 * limitMs;

/**
 * Errors: 51156 when a search reaches its limit. MongoDB has it in expressions; its filters take such a string
 * for one that does not match, which a limit of time must not do: the answer would depend on the machine.
 */
export class BoundedRegex {
  readonly #regex: RegExp;
  #groups: PatternGroups | undefined;
  #found: Searched | undefined;
  #tested: Searched | undefined;

  /** A regular expression with flag u, without g and y: searches do not depend on each other. */
  constructor(regex: RegExp) {
    this.#regex = regex;
  }

  get groups(): PatternGroups {
    this.#groups ??= groupsOf(this.#regex);
    return this.#groups;
  }

  /** Whether `input` has a match. `operator` is for the text of an error. */
  test(input: string, operator: string): boolean {
    this.#tested ??= new Searched(withoutAnyText(this.#regex));
    const { regex, safeLength } = this.#tested;
    return search(operator, input.length <= safeLength, () => regex.test(input));
  }

  /** The first match. */
  find(input: string, operator: string): RegExpExecArray | null {
    const { regex, safeLength } = this.#searched();
    return search(operator, input.length <= safeLength, () => regex.exec(input));
  }

  /** All matches, of which none overlaps another. */
  findAll(input: string, operator: string): readonly RegExpExecArray[] {
    const { regex, safeLength } = this.#searched();
    const everywhere = new RegExp(regex, `${regex.flags}g`);
    return search(operator, input.length <= safeLength, () => [...input.matchAll(everywhere)]);
  }

  #searched(): Searched {
    if (this.#found === undefined) {
      const { source, flags } = this.#regex;
      const isKept = this.groups.keeps.length > 0;
      this.#found = new Searched(isKept ? new RegExp(source, `${flags}d`) : this.#regex);
    }
    return this.#found;
  }
}

class Searched {
  readonly regex: RegExp;
  /** Inputs up to this length need no time limit. */
  readonly safeLength: number;

  constructor(regex: RegExp) {
    this.regex = regex;
    this.safeLength = safeLength(regex);
  }
}

/** `.*` at either end decides where a match begins or ends, and never whether there is one. */
function withoutAnyText(regex: RegExp): RegExp {
  const { source, flags } = regex;
  const inner = source
    .replace(/^\[\^(?:\\n)?\]\*\??/, '')
    .replace(/(?<!\\)\[\^(?:\\n)?\]\*\??$/, '');
  return inner === source ? regex : new RegExp(inner, flags);
}

function search<T>(operator: string, isSafe: boolean, run: () => T): T {
  try {
    return isSafe ? run() : withinLimit(run);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new MongoServerError(
      51156,
      `Error occurred while executing the regular expression in ${operator}. Result code: ${reason}`,
    );
  }
}

/** Only a script of node:vm can be given a time limit: it calls what stands here. */
const room: { run: (() => unknown) | undefined } = { run: undefined };
let watched: ((timeout: number) => unknown) | undefined;

/** Each watching costs the start of a thread, some 0.1 ms. */
function withinLimit<T>(run: () => T): T {
  watched ??= watchedScript();
  room.run = run;
  try {
    for (const [at, timeout] of watchedMs.entries()) {
      const before = process.cpuUsage();
      try {
        return watched(timeout) as T;
      } catch (error) {
        const isLast = at === watchedMs.length - 1;
        if (isLast || !hasTimedOut(error) || cpuMsSince(before) >= enoughMs) throw error;
      }
    }
    throw new Error('the last search returns or throws');
  } finally {
    room.run = undefined;
  }
}

function watchedScript(): (timeout: number) => unknown {
  const context = createContext(room);
  const call = new Script('run()');
  return (timeout) => call.runInContext(context, { timeout });
}

/** Of the whole process: what other threads take besides only makes a search end sooner. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function hasTimedOut(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** PCRE2's text; undefined when it is no failure of the search. */
function reasonOf(error: unknown): string | undefined {
  // V8's list of places to go back to is full.
  if (error instanceof RangeError) return 'heap limit exceeded';
  return hasTimedOut(error) ? 'match limit exceeded' : undefined;
}
