import type { Message } from '../ark/index.ts';

/** What a message must have before Ark may read it; the rest is between members. */
export function isMessage(value: unknown): value is Message {
  const { kind, set, fromHost, from } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof kind === 'string' &&
    typeof set === 'string' &&
    typeof fromHost === 'string' &&
    typeof from === 'number'
  );
}
