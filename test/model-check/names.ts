/* What members are called where the real core wants to know. */

export const setName = 'checked';

export function hostOf(id: number): string {
  return `m${id}:1`;
}

export function incarnationOf(id: number, incarnation: number): string {
  return `${id}.${incarnation}`;
}
