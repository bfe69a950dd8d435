/** Whether the events a client saw are those a specification file expects, in order. */
import type { Document } from 'mongodb';
import type { ExpectedEvent, ExpectedEvents } from './format.ts';
import { type MatchContext, Mismatch, match } from './match.ts';
import type { ObservedEvent } from './observed-client.ts';

/** Throws Mismatch. Events of other kinds than the expected one are left aside. */
export function expectEvents(
  { events: expected, eventType = 'command', ignoreExtraEvents = false }: ExpectedEvents,
  observed: readonly ObservedEvent[],
  context: MatchContext,
): void {
  const actual = observed.filter(({ type }) => type === eventType);
  for (const [index, event] of expected.entries()) {
    const seen = actual[index];
    if (seen === undefined) {
      throw new Mismatch(`event ${index} (${describe(event)}) did not come; seen: ${list(actual)}`);
    }
    expectEvent(event, seen, context, index);
  }
  if (!ignoreExtraEvents && actual.length > expected.length) {
    throw new Mismatch(`expected ${expected.length} events, seen: ${list(actual)}`);
  }
}

export function isExpectedEvent(
  expected: ExpectedEvent,
  seen: ObservedEvent,
  context: MatchContext,
): boolean {
  try {
    expectEvent(expected, seen, context, 0);
    return true;
  } catch (error) {
    if (error instanceof Mismatch) return false;
    throw error;
  }
}

function expectEvent(
  expected: ExpectedEvent,
  { name, event }: ObservedEvent,
  context: MatchContext,
  index: number,
): void {
  const [[wantedName, fields]] = Object.entries(expected) as [[string, Document]];
  if (wantedName !== name) {
    throw new Mismatch(`event ${index}: expected ${wantedName}, seen ${label(name, event)}`);
  }
  for (const [field, value] of Object.entries(fields)) {
    const path = `event ${index} ${label(name, event)} ${field}`;
    if (field === 'hasServerConnectionId') {
      if ((typeof event.serverConnectionId === 'bigint') !== value) {
        throw new Mismatch(`${path}: got ${event.serverConnectionId}`);
      }
    } else if (field === 'hasServiceId') {
      if ((event.serviceId !== undefined) !== value) throw new Mismatch(`${path} is not met`);
    } else {
      at(path, () => match(value, actualField(field, event), context));
    }
  }
}

function actualField(field: string, event: Document): unknown {
  // Topology descriptions and the like are objects of classes; their fields are what is compared.
  return field === 'previousDescription' || field === 'newDescription'
    ? { ...event[field], type: event[field]?.type }
    : event[field];
}

function at(path: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof Mismatch) throw new Mismatch(`${path}: ${error.message}`);
    throw error;
  }
}

function describe(expected: ExpectedEvent): string {
  const [[name, fields]] = Object.entries(expected) as [[string, Document]];
  return label(name, { commandName: Object.keys(fields.command ?? {})[0], ...fields });
}

function label(name: string, event: Document): string {
  return event.commandName === undefined ? name : `${name} of ${event.commandName}`;
}

function list(events: readonly ObservedEvent[]): string {
  return events.map(({ name, event }) => label(name, event)).join(', ') || 'none';
}
