/**
 * Tells at the end of a run how many table rows passed, by room. A row is one test that a table made
 * (`it.each`, or a test in a `describe.each`) in a room that says what queries, updates, values and
 * commands mean: one input with the one answer it has, as value and type, order, or code and text.
 */
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Of the folders in test/. */
const semanticRooms: ReadonlySet<string> = new Set([
  'aggregation',
  'bson',
  'collation',
  'commands',
  'expressions',
  'geo',
  'query',
  'semantics',
  'text',
]);

const tests = new URL('..', import.meta.url).pathname;

export class TableRows implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, number>();
    for (const module of modules) {
      const room = relative(tests, module.moduleId).split('/')[0]!;
      if (!semanticRooms.has(room)) continue;
      for (const test of module.children.allTests('passed')) {
        if (isRow(test)) rows.set(room, (rows.get(room) ?? 0) + 1);
      }
    }
    const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return;
    const byRoom = [...rows].sort().map(([room, count]) => `${room} ${count}`);
    console.log(` Table rows  ${total} passed (${byRoom.join(', ')})`);
  }
}

function isRow(test: TestCase): boolean {
  for (let at: TestCase | TestCase['parent'] = test; at.type !== 'module'; at = at.parent) {
    if (at.options.each === true) return true;
  }
  return false;
}
