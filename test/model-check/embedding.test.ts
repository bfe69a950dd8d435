import { describe, expect, it } from 'vitest';
import { Actor } from './actor.ts';
import { type BoundsInput, boundsOf } from './bounds.ts';
import type { LocalState } from './local-state.ts';
import { Model } from './model.ts';
import { type Act, perform, unpackAdmission } from './reactions.ts';

interface Call {
  readonly member: number;
  readonly act: Act;
  readonly param: number;
}

/** A generator of numbers in [0, 1), the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Walks the model at random, and in step with it members that live on from step to step with all they gather on the way: tokens,
 * attempts, statuses, positions. Returns what the model and the living members say after each step.
 */
function walk(input: BoundsInput, seed: number, steps: number) {
  const model = new Model(boundsOf(input));
  // Members keep their names.
  Object.assign(model.canonical, { apply: () => {} });
  const calls: Call[] = [];
  const { reactions } = model;
  const react = reactions.react.bind(reactions);
  reactions.react = (local, member, act, param, eager) => {
    if (act !== 'hearWithdrawal') calls.push({ member, act, param });
    return react(local, member, act, param, eager);
  };
  const random = randomFrom(seed);
  let row = model.initial();
  const living = Array.from(
    { length: model.layout.members },
    (_, self) => new Actor(model.setting, self, model.locals.at(row[self]!)),
  );
  const seen: { model: LocalState[]; living: LocalState[] }[] = [];
  for (let at = 0; at < steps; at++) {
    const successors: { row: Int32Array<ArrayBuffer>; calls: Call[]; isTalk: boolean }[] = [];
    calls.length = 0;
    model.forEachSuccessor(row, () => {
      const counts = ({ member, act, param }: Call) =>
        act === 'hearFacts' || (act === 'admit' && unpackAdmission(param).id === member);
      const counting = calls.findLastIndex((call) => !counts(call));
      const isTalk = model.action.what === 'chooseSource';
      const row = Int32Array.from(model.next.row);
      successors.push({ row, calls: calls.slice(counting + (isTalk ? 1 : 0)), isTalk });
    });
    const chosen = successors[Math.floor(random() * successors.length)];
    if (chosen === undefined) break;
    const begins = (member: number) => {
      living[member] = new Actor(model.setting, member, model.locals.at(chosen.row[member]!));
    };
    for (const { member, act, param } of chosen.calls)
      if (act === 'wipe') begins(member);
      else perform(living[member]!, act, param, true);
    // Who copies has no data yet and has promised nothing: it may as well be a new process, and what it talked of is not repeated here.
    if (chosen.isTalk)
      for (const [member] of living.entries())
        if (model.locals.at(chosen.row[member]!).source !== model.locals.at(row[member]!).source)
          begins(member);
    row = chosen.row;
    seen.push({
      model: living.map((_, member) => model.locals.at(row[member]!)),
      living: living.map((actor) => actor.local()),
    });
  }
  return seen;
}

describe('a member made anew for each step', () => {
  it.each<[string, BoundsInput]>([
    ['elections and logs', { terms: 5, entries: 4 }],
    ['late requests', { terms: 4, entries: 3, also: ['lateRequests'] }],
    ['gossip', { terms: 4, entries: 3, also: ['gossip'] }],
    ['five members', { members: 5, terms: 4, entries: 3 }],
    ['a lost disk', { terms: 4, entries: 3, faults: { wipes: 1 }, also: ['admissions'] }],
    [
      'an arbiter',
      { members: 2, arbiters: 1, terms: 4, entries: 3, faults: { wipes: 1 }, also: ['admissions'] },
    ],
    ['reconfigs', { members: 3, nonVoters: 1, terms: 4, entries: 3, faults: { reconfigs: 3 } }],
  ])('does what one does that lives on: %s', (_name, input) => {
    let steps = 0;
    for (let seed = 1; seed <= 20; seed++)
      for (const { model, living } of walk(input, seed, 60)) {
        expect(living).toEqual(model);
        steps += 1;
      }
    expect(steps).toBeGreaterThan(300);
  });
});
