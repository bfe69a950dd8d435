/** The replica set's part of a `hello` reply. */
import { ObjectId } from 'bson';
import type { MemberConfig, ReplicaSetConfig } from '../ark/index.ts';
import type { Moment } from './optime.ts';

export interface HelloFacts {
  readonly config: ReplicaSetConfig | undefined;
  readonly self: MemberConfig | undefined;
  readonly isWritable: boolean;
  readonly isSecondary: boolean;
  readonly primary: number | undefined;
  /** The primary's electionTermId, of the primary itself only. */
  readonly electionTermId: number | undefined;
  readonly last: Moment;
  readonly majority: Moment;
}

export function helloDocument(facts: HelloFacts): Record<string, unknown> {
  const { config, self } = facts;
  if (config === undefined || self === undefined) {
    return {
      isWritablePrimary: false,
      secondary: false,
      info:
        config === undefined
          ? 'Does not have a valid replica set config'
          : 'The replica set config does not name this member',
      isreplicaset: true,
    };
  }
  // Nobody is sent to a member whose data is old on purpose.
  const visible = config.members.filter(
    (member) => !member.hidden && member.secondaryDelaySecs === 0,
  );
  const hosts = visible.filter((member) => member.priority > 0).map(({ host }) => host);
  const passives = visible
    .filter((member) => member.priority === 0 && !member.arbiterOnly)
    .map(({ host }) => host);
  const arbiters = visible.filter((member) => member.arbiterOnly).map(({ host }) => host);
  const primary = config.members.find((member) => member._id === facts.primary)?.host;
  return {
    hosts,
    ...(passives.length > 0 ? { passives } : {}),
    ...(arbiters.length > 0 ? { arbiters } : {}),
    setName: config._id,
    setVersion: config.version,
    isWritablePrimary: facts.isWritable,
    secondary: facts.isSecondary,
    ...(primary === undefined ? {} : { primary }),
    ...(self.arbiterOnly ? { arbiterOnly: true } : {}),
    ...(self.priority === 0 && !self.arbiterOnly ? { passive: true } : {}),
    ...(self.hidden ? { hidden: true } : {}),
    ...(self.secondaryDelaySecs > 0 ? { secondaryDelaySecs: self.secondaryDelaySecs } : {}),
    ...(Object.keys(self.tags).length > 0 ? { tags: self.tags } : {}),
    me: self.host,
    ...(facts.isWritable && facts.electionTermId !== undefined
      ? { electionId: electionIdOf(facts.electionTermId) }
      : {}),
    lastWrite: {
      opTime: facts.last.opTime,
      lastWriteDate: new Date(facts.last.opTime.ts.getHighBits() * 1000),
      majorityOpTime: facts.majority.opTime,
      majorityWriteDate: new Date(facts.majority.opTime.ts.getHighBits() * 1000),
    },
  };
}

/**
 * Drivers refuse a primary whose electionId is lower than one they have seen, so it grows with the
 * term for ever, restarts included: MongoDB's fixed first half, then the term.
 */
function electionIdOf(term: number): ObjectId {
  return new ObjectId(`7fffffff${term.toString(16).padStart(16, '0')}`);
}
