import type { Address, Effect, LogEffect, PersistEffect } from './effects.ts';
import { type Member, ownConfig } from './member.ts';
import type { Message, MessageHeader } from './messages.ts';
import { memberById } from './replica-set-config.ts';
import { stateNameOf } from './role.ts';

/** One call of `step`: the member being changed and the effects gathered so far, in order. */
export interface Turn {
  readonly member: Member;
  readonly effects: Effect[];
}

type WithoutHeader<T> = T extends Message ? Omit<T, keyof MessageHeader> : never;
export type MessageBody = WithoutHeader<Message>;

export function log(turn: Turn, mark: string, fields: LogEffect['fields'] = {}): void {
  turn.effects.push({ kind: 'log', mark, fields });
}

export function fatal(turn: Turn, because: string): void {
  turn.effects.push({ kind: 'fatal', because });
}

/** The vote and the configuration reach the disk through here alone. */
export function persist(turn: Turn, what: Pick<PersistEffect, 'vote' | 'config'>): number {
  const token = turn.member.nextToken;
  turn.member.nextToken += 1;
  turn.effects.push({ kind: 'persist', token, ...what });
  return token;
}

export function addressOf(member: Member, id: number): Address {
  return { member: id, host: memberById(member.config, id)?.host ?? '' };
}

/** Where the answer to a message goes, also when its sender is in no configuration of ours. */
export function senderOf(member: Member, message: Message): Address {
  if (memberById(member.config, message.from) !== undefined) return addressOf(member, message.from);
  return { member: -1, host: message.fromHost };
}

export function send(turn: Turn, to: Address, body: MessageBody, afterToken?: number): void {
  const { member } = turn;
  const header: MessageHeader = {
    set: member.config?._id ?? '',
    from: member.self ?? -1,
    fromHost: ownConfig(member)?.host ?? member.host,
    to: to.member,
    incarnation: member.incarnation,
    term: member.maxKnownTermId,
    config: member.durableConfig,
  };
  // Not a spread of both, which takes thirty times as long.
  const message: Message = Object.assign(header, body);
  turn.effects.push(
    afterToken === undefined
      ? { kind: 'send', to, message }
      : { kind: 'send', to, message, afterToken },
  );
}

/** Tells the caller what it is now. A level: saying it twice does no harm. */
export function announceRole(turn: Turn, because: string): void {
  const { role, maxKnownTermId, primary } = turn.member;
  turn.effects.push({
    kind: 'role',
    state: stateNameOf(role),
    writable: role.kind === 'primary' && role.phase.name === 'writable',
    term: role.kind === 'primary' ? role.term : maxKnownTermId,
    primary: primary?.id,
    because,
  });
}
