/**
 * Views are documents of the collection `system.views` of their database, as in MongoDB:
 * `{_id: "db.name", viewOn: "other", pipeline: [stage, ...], collation?}`. So they are written,
 * replicated and undone like any document, and the catalog knows collections only.
 *
 * Looking for one costs a look-up by `_id`, and is done only when no collection has the name.
 */
import { type CatalogState, type Reader, scanRecords } from '../../../storage/index.ts';
import {
  BsonType,
  copyDocument,
  DocumentWriter,
  ElementReader,
  encodeValue,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { type GivenCollation, parseCollation } from '../../collation/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { findById } from '../../plan/index.ts';
import { splitNamespace } from './namespaces.ts';

/** Views a view may stand on, itself included (MongoDB: ViewGraph::kMaxViewDepth). */
export const viewDepthMax = 20;

const systemViews = 'system.views';

export interface ViewDefinition {
  readonly namespace: string;
  /** Of the collection or view underneath. */
  readonly viewOn: string;
  /** An array of objects. */
  readonly pipeline: RawValue;
  readonly collation: RawValue | undefined;
  /** As it is stored. */
  readonly document: Buffer;
}

/** What the catalog and the records say at one moment. */
export interface ViewSource {
  readonly catalog: CatalogState;
  readonly reader: Reader;
}

export function systemViewsOf(namespace: string): string {
  return `${splitNamespace(namespace).database}.${systemViews}`;
}

/** The view of this name; undefined when there is none, or a collection has the name. */
export function viewAt(source: ViewSource, namespace: string): ViewDefinition | undefined {
  const { catalog, reader } = source;
  if (catalog.byNamespace(namespace) !== undefined) return undefined;
  const definitions = catalog.byNamespace(systemViewsOf(namespace));
  if (definitions === undefined) return undefined;
  const found = findById(reader, definitions, encodeValue(namespace));
  return found === undefined ? undefined : readView(copyDocument(found.buffer, found.start));
}

/** All views of a database, by name. */
export function viewsOf({ catalog, reader }: ViewSource, database: string): ViewDefinition[] {
  const definitions = catalog.byNamespace(`${database}.${systemViews}`);
  if (definitions === undefined) return [];
  const views: ViewDefinition[] = [];
  const cursor = scanRecords(reader, definitions);
  try {
    while (cursor.next()) views.push(readView(copyDocument(cursor.buffer, cursor.start)));
  } finally {
    cursor.close();
  }
  return views.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** Throws CommandNotSupportedOnView when the name is a view's. */
export function refuseView(source: ViewSource, namespace: string): void {
  if (viewAt(source, namespace) === undefined) return;
  throw new MongoServerError(
    'CommandNotSupportedOnView',
    `Namespace ${namespace} is a view, not a collection`,
  );
}

export interface ResolvedView {
  /** Of the collection at the bottom, which need not exist. */
  readonly namespace: string;
  /** The stages of all views on the way, the lowest first: objects. */
  readonly stages: readonly RawValue[];
  /** Of all operations on the view; null: the simple one. */
  readonly collation: GivenCollation;
}

/** What a view comes to; undefined when the name is no view's. */
export function resolveView(source: ViewSource, namespace: string): ResolvedView | undefined {
  let view = viewAt(source, namespace);
  if (view === undefined) return undefined;
  const { database } = splitNamespace(namespace);
  const collation = collationOf(view);
  let stages: RawValue[] = [];
  for (let depth = 1; depth <= viewDepthMax; depth++) {
    stages = [...stagesOf(view.pipeline), ...stages];
    const below: string = `${database}.${view.viewOn}`;
    view = viewAt(source, below);
    if (view === undefined) return { namespace: below, stages, collation };
  }
  throw new MongoServerError(
    'ViewDepthLimitExceeded',
    `View depth too deep or view cycle detected; maximum depth is ${viewDepthMax}`,
  );
}

/** A view that names no collation has the simple one, whatever stands underneath. */
export function collationOf({
  collation,
}: {
  readonly collation?: RawValue | undefined;
}): GivenCollation {
  return collation === undefined ? null : parseCollation(collation);
}

export function stagesOf(pipeline: RawValue): RawValue[] {
  const stages: RawValue[] = [];
  const reader = new ElementReader(pipeline.buffer, pipeline.start);
  while (reader.next()) stages.push(reader.value());
  return stages;
}

/** A pipeline of these stages, as an array. */
export function pipelineOf(stages: readonly RawValue[]): RawValue {
  const writer = new DocumentWriter();
  writer.startDocument();
  stages.forEach((stage, at) => {
    writer.raw(String(at), stage);
  });
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.array, start: 0, end: buffer.length };
}

/** Clients may write to `system.views` themselves, so its documents are not trusted. */
function readView(document: Buffer): ViewDefinition {
  const id = findField(document, 0, '_id');
  const viewOn = findField(document, 0, 'viewOn');
  const pipeline = findField(document, 0, 'pipeline');
  if (
    id?.type !== BsonType.string ||
    viewOn?.type !== BsonType.string ||
    pipeline?.type !== BsonType.array
  ) {
    throw new MongoServerError(
      'InvalidViewDefinition',
      'found invalid view definition while reading system.views',
    );
  }
  return {
    namespace: textOf(id),
    viewOn: textOf(viewOn),
    pipeline,
    collation: findField(document, 0, 'collation'),
    document,
  };
}

function textOf({ buffer, start, end }: RawValue): string {
  return buffer.toString('utf8', start + 4, end - 1);
}
