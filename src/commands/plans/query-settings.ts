/**
 * Query settings: what an administrator says about queries of one shape, for the whole set. They are
 * one document in `config.clusterParameters`, as in MongoDB, replicated and rolled back like any
 * other, so they are looked up anew each time; sets that never stored any pay a look into the catalog.
 */
import { decodeDocument, encodeDocument, type RawValue } from '../../bson/index.ts';
import { type Database, emptyFilter, type FindFields, pointLookup } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { anyMoment, type Variables, withLet } from '../../expressions/index.ts';
import {
  type Hint,
  type PlannedSettings,
  parseHint,
  queryShapeHash,
  type ShapedCommand,
} from '../../plan/index.ts';
import { parseFilter } from '../../query/index.ts';
import { rawDocument } from '../dispatch/default-concerns.ts';

export const settingsNamespace = 'config.clusterParameters';
export const settingsFilter = rawDocument({ _id: 'querySettings' });

/** `settings` as clients write and read them. */
export interface QuerySettings {
  readonly indexHints?: readonly IndexHints[];
  /** Kept and shown; there is one engine here, which answers every query. */
  readonly queryFramework?: 'classic' | 'sbe';
  readonly reject?: boolean;
  readonly comment?: unknown;
}

export interface IndexHints {
  readonly ns: { readonly db: string; readonly coll: string };
  /** Names (`$natural` is one) and key patterns. */
  readonly allowedIndexes: readonly (string | Record<string, unknown>)[];
}

/** Settings of one shape, as `$querySettings` shows them. */
export interface ShapeSettings {
  readonly queryShapeHash: string;
  readonly settings: QuerySettings;
  /** The query they were set with; none when they were set with its hash. */
  readonly representativeQuery?: Record<string, unknown>;
}

interface Decoded {
  readonly bytes: Buffer;
  readonly shapes: readonly ShapeSettings[];
  readonly byHash: ReadonlyMap<string, QuerySettings>;
}

/** Decoding all settings for every query would cost more than the query. */
const decoded = new WeakMap<Database, Decoded>();
const none: Decoded = { bytes: Buffer.alloc(0), shapes: [], byHash: new Map() };

function stored(database: Database): Decoded {
  if (database.catalog.byNamespace(settingsNamespace) === undefined) return none;
  const bytes = pointLookup(database, 'local', settingsNamespace, { filter: settingsFilter });
  if (bytes === undefined || bytes === null) return none;
  const known = decoded.get(database);
  if (known?.bytes.equals(bytes)) return known;
  const { settingsArray } = decodeDocument(bytes, 0);
  const shapes = Array.isArray(settingsArray) ? (settingsArray as ShapeSettings[]) : [];
  const byHash = new Map(shapes.map((shape) => [shape.queryShapeHash, shape.settings]));
  const next = { bytes, shapes, byHash };
  decoded.set(database, next);
  return next;
}

/** The settings of all shapes, in the order they were made. */
export function allSettings(database: Database): readonly ShapeSettings[] {
  return stored(database).shapes;
}

/** The shape of a `find` or `distinct`. `key`: the field of a distinct. */
export function shapeOfQuery(
  command: 'find' | 'distinct' | 'count',
  namespace: string,
  fields: Pick<FindFields, 'filter' | 'sort' | 'projection' | 'let'>,
  key?: string,
): ShapedCommand {
  const { filter, sort, projection } = fields;
  const parsed =
    filter === undefined
      ? emptyFilter()
      : parseFilter(filter.buffer, filter.start, {
          variables: shapeVariables(fields.let),
          place: 'query',
        });
  return { command, namespace, filter: parsed, sort, projection, key };
}

/** What expressions may name where only their shape is asked for. */
export function shapeVariables(spec: RawValue | undefined): Variables {
  return withLet(anyMoment, spec);
}

/** The settings of queries like this one. */
export function settingsOf(
  database: Database,
  shaped: () => ShapedCommand,
): QuerySettings | undefined {
  const { byHash } = stored(database);
  return byHash.size === 0 ? undefined : byHash.get(queryShapeHash(shaped()));
}

/** Throws QueryRejectedBySettings for a query whose settings say so. */
export function checkNotRejected(settings: QuerySettings | undefined): void {
  if (settings?.reject !== true) return;
  throw new MongoServerError('QueryRejectedBySettings', 'Query rejected by admin query settings');
}

/** What the settings of a query say about one collection, for the planner. */
export function plannedSettings(
  settings: QuerySettings | undefined,
  namespace: string,
): PlannedSettings | undefined {
  if (settings === undefined) return undefined;
  const given = settings as Record<string, unknown>;
  const own = settings.indexHints?.find(({ ns }) => `${ns.db}.${ns.coll}` === namespace);
  return { given, indexes: (own?.allowedIndexes ?? []).flatMap(hintOf) };
}

function hintOf(index: string | Record<string, unknown>): Hint[] {
  if (index === '$natural') return [{ kind: 'natural', direction: 1 }];
  if (typeof index === 'string') return [{ kind: 'name', name: index }];
  const hint = parseHint(rawDocument(index));
  return hint === undefined ? [] : [hint];
}

/** Whether every shape together still fits into one document. */
export function checkSize(shapes: readonly ShapeSettings[]): void {
  if (encodeDocument({ settingsArray: shapes }).length <= settingsBytesMax) return;
  throw new MongoServerError(
    'BSONObjectTooLarge',
    'the query settings of all shapes together pass 16 MiB',
  );
}

const settingsBytesMax = 16 * 1024 * 1024 - 1024;
