import type { Effect, Input, Member, Message, MessageHeader } from '../../../src/ark/index.ts';
import {
  arkProtocol,
  Clients,
  type Invariant,
  type MemberView,
  type Protocol,
  World,
} from '../world/index.ts';

/** What is done to members from some moment on; each gets what the shipped core gave. */
export interface Sabotage {
  step?(member: Member, input: Input, effects: Effect[]): Effect[];
  view?(member: Member, view: MemberView): MemberView;
  nextGtid?: Protocol<Member>['nextGtid'];
  isAcknowledged?: Protocol<Member>['isAcknowledged'];
  heldByBuildVoters?: Protocol<Member>['heldByBuildVoters'];
  comparePull?: Protocol<Member>['comparePull'];
}

/**
 * Three members of the shipped core with these invariants alone, led by `primary` (in term 2), whose first entries are committed
 * everywhere. What a plant then writes into `sabotage` happens to them.
 */
export class SabotagedSet {
  readonly sabotage: Sabotage = {};
  readonly world: World<Member>;
  readonly clients: Clients<Member>;
  readonly primary: number;
  /** The two others. */
  readonly secondary: number;
  readonly third: number;
  readonly term: number;

  constructor(...invariants: readonly Invariant[]) {
    const core = arkProtocol();
    const { sabotage } = this;
    this.world = new World<Member>({
      protocol: {
        ...core,
        step: (member, input, wallMillis) => {
          const effects = core.step(member, input, wallMillis);
          return sabotage.step?.(member, input, effects) ?? effects;
        },
        view: (member) => sabotage.view?.(member, core.view(member)) ?? core.view(member),
        nextGtid: (...told) => (sabotage.nextGtid ?? core.nextGtid)(...told),
        isAcknowledged: (...told) => (sabotage.isAcknowledged ?? core.isAcknowledged)(...told),
        heldByBuildVoters: (member) =>
          (sabotage.heldByBuildVoters ?? core.heldByBuildVoters)?.(member),
        comparePull: (...told) => (sabotage.comparePull ?? core.comparePull)(...told),
      },
      members: 3,
      memberOverrides: { 0: { tags: { room: 'a' } }, 1: { tags: { room: 'b' } } },
      invariants,
      story: false,
    }).bootstrap();
    this.clients = new Clients(this.world);
    this.primary = this.world.awaitPrimary();
    this.world.write(this.primary);
    this.world.runUntil(() => this.#isSettled());
    const [secondary, third] = this.world.nodes.filter(({ id }) => id !== this.primary);
    this.secondary = secondary!.id;
    this.third = third!.id;
    this.term = this.world.node(this.primary).view!.term;
  }

  /** From now on this member shows itself otherwise than it is. */
  disguise(
    id: number,
    as: Partial<MemberView> | ((view: MemberView) => Partial<MemberView>),
  ): void {
    this.sabotage.view = (member, view) =>
      member.self === id ? { ...view, ...(typeof as === 'function' ? as(view) : as) } : view;
  }

  /** This member's next step, or its next step of an input that fits, has these effects in addition. */
  add(id: number, effects: readonly Effect[], fits: (input: Input) => boolean = () => true): void {
    let isDone = false;
    this.sabotage.step = (member, input, before) => {
      if (isDone || member.self !== id || !fits(input)) return before;
      isDone = true;
      return [...effects, ...before];
    };
  }

  /** A message as `from` would say it, with these fields in addition to the header. */
  send<K extends Message['kind']>(
    from: number,
    to: number,
    body: { readonly kind: K } & Omit<Extract<Message, { kind: K }>, keyof MessageHeader>,
  ): Effect {
    const { durableConfig: config, incarnation, host } = this.world.member(from);
    const { term } = this;
    const header = { set: 'rs', from, fromHost: host, to, incarnation, term, config };
    const message = { ...header, ...body } as unknown as Message;
    return { kind: 'send', to: { member: to, host: this.world.node(to).host }, message };
  }

  /** This member is told something by that one. */
  tell(id: number, effect: Effect): void {
    if (effect.kind !== 'send') throw new Error('not a message');
    const now = this.world.ownNow(this.world.node(id));
    this.world.feed(id, { kind: 'message', message: effect.message, now });
  }

  /** The primary is cut off with entries nobody else has, and the others go on with one of them as primary. */
  partOff(): void {
    const { world, primary } = this;
    world.network.cut([primary], [this.secondary, this.third]);
    world.write(primary, 'lost');
    const others = () => world.nodes.filter(({ id, view }) => id !== primary && view?.isWritable);
    world.runUntil(() => others().length === 1);
    for (let count = 0; count < 3; count++) world.write(others()[0]!.id);
    world.run(200);
  }

  #isSettled(): boolean {
    const { log } = this.world.node(this.primary);
    return this.world.nodes.every(
      (node) =>
        node.log === log && node.log?.gtid.opid === node.commitPoint.opid && log !== undefined,
    );
  }
}
