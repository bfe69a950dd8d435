/**
 * The ways to the other members, one per host, opened on demand.
 *
 * Invariants
 * - A lost message connection is told to Ark at once, under the id the configuration of that moment has for the host.
 * - Hosts that left the configuration are closed and forgotten.
 * - A member that has been silent for two election timeouts is called anew.
 */
import {
  type Member,
  type Message,
  memberById,
  type ReplicaSetConfig,
  type SendEffect,
} from '../ark/index.ts';
import type { TimelessInput } from './ark-loop.ts';
import type { PeerLink, Transport } from './transport.ts';

export interface PeerLinksOptions {
  readonly transport: Transport;
  /** Throws NotYetInitialized while the member starts. */
  readonly state: () => Member;
  readonly feed: (input: TimelessInput) => void;
}

export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #links = new Map<string, PeerLink>();
  readonly #calledAt = new WeakMap<PeerLink, number>();

  constructor(options: PeerLinksOptions) {
    this.#options = options;
  }

  to(host: string): PeerLink {
    let link = this.#links.get(host);
    if (link === undefined) {
      const { transport, state, feed } = this.#options;
      link = transport.link(this.#ownName(), host, () => {
        const member = state().config?.members.find((other) => other.host === host);
        if (member !== undefined) {
          feed({ kind: 'peerDisconnected', member: member._id });
        }
      });
      this.#links.set(host, link);
    }
    return link;
  }

  send({ to, message }: SendEffect): void {
    const link = this.to(to.host);
    if (message.kind === 'heartbeatRequest') {
      this.#resetWhenSilent(to.member, link);
    }
    link.send(message);
  }

  /** Only members of this configuration are spoken to from now on. */
  keepOnly(config: ReplicaSetConfig): void {
    const hosts = new Set(config.members.map((member) => member.host));
    for (const [host, link] of this.#links) {
      if (!hosts.has(host)) {
        link.close();
        this.#links.delete(host);
      }
    }
  }

  /** False when it was lost on its way (fault injection). */
  mayReceive(message: Message): boolean {
    return this.#options.transport.mayReceive(message.fromHost, this.#ownName(), message);
  }

  /** As the other members call this one. */
  #ownName(): string {
    const { config, self, host } = this.#options.state();
    return memberById(config, self)?.host ?? host;
  }

  close(): void {
    for (const link of this.#links.values()) {
      link.close();
    }
  }

  /**
   * After a long cut TCP tries an old connection more and more rarely, and would go on to do so for
   * minutes after the network has healed: a silent peer is called anew now and then.
   */
  #resetWhenSilent(member: number, link: PeerLink): void {
    const { config, peers, now } = this.#options.state();
    if (config === undefined) return;
    const calledAt = this.#calledAt.get(link) ?? now;
    const lastSign = Math.max(peers[member]?.answeredAt ?? 0, calledAt);
    const isSilent = now - lastSign > 2 * config.settings.electionTimeoutMillis;
    if (isSilent) link.reset();
    this.#calledAt.set(link, isSilent ? now : calledAt);
  }
}
