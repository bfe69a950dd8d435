import {
  configVersionOf,
  type Effect,
  type Message,
  type MessageHeader,
} from '../../../src/ark/index.ts';
import type { PredecessorMember } from './member.ts';

/** One step of a member: its state, and what is to be done when it is over. */
export interface Turn {
  readonly member: PredecessorMember;
  readonly effects: Effect[];
}

/** A message without its header. */
type Body<T> = T extends Message ? Omit<T, keyof MessageHeader> : never;

export function send({ member, effects }: Turn, to: number, body: Body<Message>): void {
  const peer = member.peers[to];
  if (peer === undefined) return;
  const header: MessageHeader = {
    set: member.config._id,
    from: member.self,
    fromHost: '',
    to,
    incarnation: '',
    term: 0,
    config: configVersionOf(member.config),
  };
  const message = { ...header, ...body } as Message;
  effects.push({ kind: 'send', to: { member: to, host: peer.host }, message });
}

export function log(
  { effects }: Turn,
  mark: string,
  fields: Record<string, string | number | boolean | undefined> = {},
): void {
  effects.push({ kind: 'log', mark, fields });
}
