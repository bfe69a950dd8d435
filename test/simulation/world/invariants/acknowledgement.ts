import { compareGtids, formatGtid, type PositionFact } from '../../../../src/ark/index.ts';
import { entryWithGtid, lastGtid } from '../log.ts';
import type { Invariant } from '../watcher.ts';

const ackGate: Invariant = {
  name: 'AckGate',
  about: 'mechanism',
  claim:
    'A member acknowledges no position whose term is below the highest it has voted in (paper).',
  watch: (_world, broken) => ({
    onStep(node, input, before, after) {
      const fact = after.acknowledged;
      if (fact === undefined || fact === before.acknowledged || fact.position.term === 0) return;
      // A tick acknowledges first, and may then stand and, alone in its set, vote for itself at once.
      const voted = input.kind === 'tick' ? before.maxVotedTermId : after.maxVotedTermId;
      if (fact.position.term < voted)
        broken(`n${node.id} ${formatGtid(fact.position)}, voted in ${voted}`);
      const isQuiet = !['primary', 'secondary', 'candidate'].includes(after.role);
      if (isQuiet) broken(`n${node.id} acknowledges as ${after.role}`);
    },
  }),
};

const ackDurable: Invariant = {
  name: 'AckDurable',
  about: 'mechanism',
  claim: 'A position is durable when it is acknowledged (I9).',
  watch: (_world, broken) => ({
    onStep(node, _input, before, after) {
      const fact = after.acknowledged;
      if (fact === undefined || fact === before.acknowledged || fact.position.term === 0) return;
      if (entryWithGtid(node.disk.durable, fact.position) === undefined)
        broken(
          `n${node.id} acknowledges ${formatGtid(fact.position)}, durable is ${formatGtid(lastGtid(node.disk.durable))}`,
        );
    },
  }),
};

const factsTrue: Invariant = {
  name: 'FactsTrue',
  about: 'mechanism',
  claim:
    'Every acknowledged position that travels was asserted by that incarnation; forwarding raises none.',
  watch: (_world, broken) => {
    const asserted = new WeakSet<PositionFact>();
    const check = (id: number, fact: PositionFact) => {
      if (!asserted.has(fact))
        broken(`n${id} says that n${fact.member} holds ${formatGtid(fact.position)}`);
    };
    return {
      onStep(node, _input, before, after) {
        const fact = after.acknowledged;
        if (fact === undefined || fact === before.acknowledged) return;
        if (fact.member !== node.id || fact.incarnation !== node.disk.incarnation)
          broken(`n${node.id} speaks for n${fact.member}`);
        if (compareGtids(fact.position, after.lastEntry) > 0)
          broken(`n${node.id} acknowledges ${formatGtid(fact.position)}, which it does not have`);
        asserted.add(fact);
      },
      onSend(node, message) {
        if (message.kind === 'heartbeatRequest' || message.kind === 'heartbeatAnswer') {
          const { acknowledged } = message.status;
          if (acknowledged !== undefined) check(node.id, acknowledged);
        } else if (message.kind === 'positionReport')
          for (const fact of message.positions) check(node.id, fact);
      },
    };
  },
};

export const acknowledgementInvariants: readonly Invariant[] = [ackGate, ackDurable, factsTrue];
