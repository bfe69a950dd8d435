/**
 * The values of arkd's options, as both the command line and the configuration file give them: texts,
 * read as the option's row says.
 */
import type { OptionRow } from './option-table.ts';

/** What was said, by the name an option has on the command line. */
export type SaidOptions = Record<string, string | number | boolean | Record<string, string>>;

/** The words are wrong; the process says the message and ends with exit code 2. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

const parseFailure = 'Error parsing command line: ';

/** `spelling` is the option as the person who said it knows it. */
export function readInteger(spelling: string, value: string): number {
  if (!/^-?\d+$/.test(value)) throw invalid(spelling, value);
  return Number(value);
}

export function readFlag(spelling: string, value: string): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw invalid(spelling, value);
}

/** The letters of `--verbose=vvv`, counted. */
export function readCount(spelling: string, value: string): number {
  if (!/^v*$/.test(value)) throw invalid(spelling, value);
  return value.length;
}

export function refuse(row: OptionRow): void {
  if (row.refused !== undefined) {
    throw new OptionError(`Error: the option ${row.name} is refused: ${row.refused}`);
  }
}

export function commandLineError(what: string): OptionError {
  return new OptionError(`${parseFailure}${what}`);
}

function invalid(spelling: string, value: string): OptionError {
  return commandLineError(`the argument ('${value}') for option '${spelling}' is invalid`);
}
