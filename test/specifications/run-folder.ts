/** All specification files below a folder, and an account of what passed, failed and was skipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import type { SpecificationFile } from './format.ts';
import { outOfScope } from './out-of-scope.ts';
import { serverUnderTest } from './requirements.ts';
import { runFile, type TestResult } from './run-file.ts';

export interface Account {
  passed: number;
  failed: number;
  /** How many tests need what the server says it does not have yet, by what it says. */
  readonly unbuilt: Map<string, number>;
  /** How many tests were skipped for each reason. */
  readonly skipped: Map<string, number>;
}

export interface FolderOptions {
  readonly uri: string;
  /** Only files whose path, or tests whose description, has this text. */
  readonly only?: string | undefined;
  readonly print: (line: string) => void;
}

export async function runFolder(
  folder: string,
  { uri, only, print }: FolderOptions,
): Promise<Account> {
  const account: Account = { passed: 0, failed: 0, unbuilt: new Map(), skipped: new Map() };
  const internal = await new MongoClient(uri).connect();
  try {
    const server = await serverUnderTest(internal);
    for (const path of specificationFiles(folder)) {
      const file = readSpecification(join(folder, path));
      if (file === undefined) continue;
      const isWanted = (test: string) => only === undefined || `${path} ${test}`.includes(only);
      const tests = file.tests.filter(({ description }) => isWanted(description));
      for await (const result of runFile(
        { ...file, tests },
        { uri, internal, server, skip: outOfScope },
      )) {
        count(result, account);
        if (result.outcome === 'failed')
          print(`FAILED ${path}: ${result.test}\n  ${result.reason}`);
      }
    }
  } finally {
    await internal.close();
  }
  return account;
}

export function summaryOf({ passed, failed, unbuilt, skipped }: Account): string {
  return [
    `${passed} passed, ${failed} failed, ${sumOf(unbuilt)} not built yet, ${sumOf(skipped)} skipped`,
    ...linesOf('not built', unbuilt),
    ...linesOf('skipped', skipped),
  ].join('\n');
}

function sumOf(reasons: ReadonlyMap<string, number>): number {
  return [...reasons.values()].reduce((sum, tests) => sum + tests, 0);
}

/** The most frequent reason first. */
function linesOf(what: string, reasons: ReadonlyMap<string, number>): string[] {
  return [...reasons]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, tests]) => `  ${tests} ${what}: ${reason}`);
}

function count({ outcome, reason }: TestResult, account: Account): void {
  if (outcome === 'passed' || outcome === 'failed') {
    account[outcome]++;
  } else {
    account[outcome].set(reason!, (account[outcome].get(reason!) ?? 0) + 1);
  }
}

function specificationFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .sort();
}

/** Undefined for JSON that is no test in the unified format. */
function readSpecification(path: string): SpecificationFile | undefined {
  const content = BSON.EJSON.parse(readFileSync(path, 'utf8'), { relaxed: false });
  return content?.schemaVersion === undefined ? undefined : (content as SpecificationFile);
}
