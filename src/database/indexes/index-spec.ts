/** The facts read off the specification document of an index. */
import type { CommitQuorum, IndexInfo, IndexKeyPart } from '../../../storage/index.ts';
import { ElementReader, findField, type RawValue } from '../../bson/index.ts';
import { isIdKeyDocument, numberOf } from './spec-values.ts';

/** Of an index that is to be built. */
export interface BuildFacts {
  /** Id of the first index of the command. */
  readonly group: number;
  /** Undefined: it is ready without asking others. */
  readonly quorum: CommitQuorum | undefined;
}

/** The index a checked specification describes. */
export function indexFromSpec(id: number, spec: Buffer, build?: BuildFacts): IndexInfo {
  const key = findField(spec, 0, 'key');
  const name = findField(spec, 0, 'name');
  const unique = findField(spec, 0, 'unique');
  if (key === undefined || name === undefined) throw new Error('an index spec is incomplete');
  const pattern = keyPatternOf(key);
  return {
    id,
    name: textOf(spec, name),
    keyPattern: pattern,
    unique: unique !== undefined && spec[unique.start] === 1,
    isIdIndex: false,
    spec,
    multikeyPaths: pattern.map(() => false),
    ...(build === undefined
      ? { state: 'ready' }
      : {
          state: 'building',
          buildPosition: 0,
          buildGroup: build.group,
          ...(build.quorum === undefined ? {} : { commitQuorum: build.quorum }),
        }),
  };
}

/** The parts of a key document. */
export function keyPatternOf(key: RawValue): IndexKeyPart[] {
  const pattern: IndexKeyPart[] = [];
  const reader = new ElementReader(key.buffer, key.start);
  while (reader.next()) pattern.push(keyPart(reader.name(), reader.value()));
  return pattern;
}

function keyPart(path: string, value: RawValue): IndexKeyPart {
  const direction = numberOf(value);
  if (direction === undefined) return { path, direction: 1, kind: textOf(value.buffer, value) };
  return { path, direction: direction < 0 ? -1 : 1 };
}

function textOf(buffer: Buffer, value: RawValue): string {
  return buffer.toString('utf8', value.start + 4, value.end - 1);
}

export function keyOf(spec: Buffer): RawValue {
  const key = findField(spec, 0, 'key');
  if (key === undefined) throw new Error('an index spec has no key');
  return key;
}

/** The same fields in the same order, with numbers that say the same: 1 is 1.0. */
export function sameKey(a: RawValue, b: RawValue): boolean {
  const left = new ElementReader(a.buffer, a.start);
  const right = new ElementReader(b.buffer, b.start);
  for (;;) {
    const more = left.next();
    if (more !== right.next()) return false;
    if (!more) return true;
    if (left.name() !== right.name() || !sameValue(left.value(), right.value())) return false;
  }
}

function sameValue(a: RawValue, b: RawValue): boolean {
  const number = numberOf(a);
  if (number !== undefined) return number === numberOf(b);
  return a.type === b.type && a.buffer.compare(b.buffer, b.start, b.end, a.start, a.end) === 0;
}

/** The indexes with the key pattern of `spec`. */
export function indexesWithKey(indexes: readonly IndexInfo[], spec: Buffer): IndexInfo[] {
  const wanted = keyOf(spec);
  return indexes.filter((index) => sameKey(keyOf(index.spec), wanted));
}

/** True when the specification asks for the index every collection has. */
export function isIdSpec(spec: Buffer): boolean {
  return isIdKeyDocument(keyOf(spec));
}
