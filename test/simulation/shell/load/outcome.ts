import type { Answer, Fields } from './client.ts';

/**
 * What a client knows of its write. `refused`: certainly not done; `unknown`: it may be done now,
 * later, or never.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

const notWritablePrimary = 10107;

export function outcomeOf(answer: Answer): Outcome {
  if (answer.kind !== 'reply') return answer.kind === 'refused' ? 'refused' : 'unknown';
  const { reply } = answer;
  if (reply.ok === 1) return reply.writeConcernError === undefined ? 'acknowledged' : 'unknown';
  return reply.code === notWritablePrimary ? 'refused' : 'unknown';
}

/** Drivers try a retryable write again after these. */
export function isRetryable(answer: Answer): boolean {
  if (answer.kind !== 'reply') return true;
  return isNotPrimary(answer.reply);
}

export function writeErrorsOf(reply: Fields): readonly { code: number; index: number }[] {
  return (reply.writeErrors ?? []) as { code: number; index: number }[];
}

export function documentsOf(reply: Fields): Fields[] {
  return (reply.cursor as { firstBatch: Fields[] }).firstBatch;
}

const notPrimaryCodes = new Set([10107, 13435, 189, 11602, 91, 13436]);

export function isNotPrimary(reply: Fields): boolean {
  const { code } = (reply.writeConcernError ?? reply) as { code?: number };
  return code !== undefined && notPrimaryCodes.has(code);
}
