import type { Answer, Fields } from './client.ts';
import { isNotPrimary } from './client.ts';

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
