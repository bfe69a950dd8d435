import { MongoServerError } from '../../errors/index.ts';

/** Codes of divisions by zero, by their text, which is the same everywhere. */
const divisions: ReadonlyMap<string, number> = new Map([
  ["can't $divide by zero", 4848401],
  ["can't $mod by zero", 4848403],
]);

/** An error while documents are grouped, which stock does in its slot-based engine with its own codes. */
export function groupError(error: unknown): unknown {
  if (!(error instanceof MongoServerError)) return error;
  const division = divisions.get(error.message);
  if (division !== undefined) return new MongoServerError(division, error.message);
  if (error.code !== 40400) return error;
  return new MongoServerError(5911200, '$mergeObjects only supports objects');
}
