/** Views come, change and go: as documents of `system.views`, checked against all the others. */
import {
  type Collation,
  encodeDocument,
  encodeValue,
  isSameCollation,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { findById } from '../../plan/index.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Writer } from '../writes/writer.ts';
import { createCollectionIn } from './definitions.ts';
import { checkCreatable, checkNamespace, splitNamespace } from './namespaces.ts';
import { collectionsNamedIn } from './pipeline-namespaces.ts';
import {
  collationOf,
  stagesOf,
  systemViewsOf,
  type ViewDefinition,
  type ViewSource,
  viewAt,
  viewDepthMax,
  viewsOf,
} from './views.ts';

/** Bytes of the stages of all views a view stands on (MongoDB: ViewGraph::kMaxViewPipelineSizeBytes). */
const pipelineBytesMax = 16_000_000;

export interface NewView {
  readonly viewOn: string;
  readonly pipeline: RawValue;
  readonly collation?: RawValue | undefined;
}

/** The same view again is success, as in MongoDB. */
export async function createView(
  database: Database,
  operation: OperationContext,
  namespace: string,
  view: NewView,
): Promise<void> {
  checkCreatable(namespace);
  checkUnderneath(namespace, view.viewOn);
  await database.write(operation, systemViewsOf(namespace), (writer) => {
    if (writer.catalog.byNamespace(namespace) !== undefined) {
      throw new MongoServerError('NamespaceExists', `Collection ${namespace} already exists.`);
    }
    const source = sourceOf(writer);
    const document = encodeView(namespace, view);
    const existing = viewAt(source, namespace);
    if (existing !== undefined) {
      if (existing.document.equals(document)) return;
      throw viewExists(namespace);
    }
    checkGraph(source, namespace, view);
    const definitions =
      writer.catalog.byNamespace(systemViewsOf(namespace)) ??
      createCollectionIn(writer, systemViewsOf(namespace), database.newUuid());
    writer.insert(definitions, document);
  });
}

/** Changes what a view is made of. Throws unless there is one. */
export async function changeView(
  database: Database,
  operation: OperationContext,
  namespace: string,
  change: Partial<NewView>,
): Promise<void> {
  if (change.viewOn !== undefined) checkUnderneath(namespace, change.viewOn);
  await database.write(operation, systemViewsOf(namespace), (writer) => {
    const source = sourceOf(writer);
    const { viewOn, pipeline, collation, document, ...found } = existingView(source, namespace);
    const changed = { viewOn, pipeline, collation, ...change };
    checkGraph(source, namespace, changed);
    const definitions = writer.catalog.byNamespace(systemViewsOf(namespace))!;
    const { recordId } = findById(writer.transaction, definitions, encodeValue(found.namespace))!;
    const after = encodeView(namespace, changed);
    if (!after.equals(document)) writer.update(definitions, { recordId, before: document, after });
  });
}

/** Throws InvalidNamespace unless there may be a collection of this name beside the view. */
function checkUnderneath(namespace: string, viewOn: string): void {
  const below = `${splitNamespace(namespace).database}.${viewOn}`;
  checkNamespace(below);
  if (!viewOn.includes('$')) return;
  throw new MongoServerError('InvalidNamespace', `Invalid namespace for a view: ${below}`);
}

/** Inside a write body: false when there is no view of this name. */
export function dropViewIn(writer: Writer, namespace: string): boolean {
  const view = viewAt(sourceOf(writer), namespace);
  if (view === undefined) return false;
  const definitions = writer.catalog.byNamespace(systemViewsOf(namespace))!;
  const { recordId } = findById(writer.transaction, definitions, encodeValue(namespace))!;
  writer.delete(definitions, recordId, view.document);
  return true;
}

export function viewExists(namespace: string): MongoServerError {
  return new MongoServerError('NamespaceExists', `A view already exists. NS: ${namespace}`);
}

/** What a write body sees. */
export function sourceOf({
  catalog,
  transaction,
}: Pick<Writer, 'catalog' | 'transaction'>): ViewSource {
  return { catalog, reader: transaction };
}

function existingView(source: ViewSource, namespace: string): ViewDefinition {
  const view = viewAt(source, namespace);
  if (view !== undefined) return view;
  throw new MongoServerError('NamespaceNotFound', `ns does not exist: ${namespace}`);
}

function encodeView(namespace: string, { viewOn, pipeline, collation }: NewView): Buffer {
  return encodeDocument({ _id: namespace, viewOn, pipeline, ...(collation && { collation }) });
}

/** Of the stages alone, as the limit counts. */
function bytesOf(pipeline: RawValue): number {
  return stagesOf(pipeline).reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Throws when the view would stand on itself, too high, or on too long a pipeline. */
function checkGraph(source: ViewSource, namespace: string, view: NewView): void {
  const { database } = splitNamespace(namespace);
  const views = new Map<string, NamedView>();
  for (const one of viewsOf(source, database)) views.set(one.namespace, one);
  views.set(namespace, { ...view, namespace });
  const { depth, bytes } = measureBelow(views, namespace, database);
  if (depth - 1 + heightAbove(views, namespace, database) > viewDepthMax) {
    throw new MongoServerError(
      'ViewDepthLimitExceeded',
      `View depth limit exceeded; maximum depth is ${viewDepthMax}`,
    );
  }
  if (bytes > pipelineBytesMax) {
    throw new MongoServerError(
      'ViewPipelineMaxSizeExceeded',
      `View pipeline exceeds maximum size; maximum size is ${pipelineBytesMax}`,
    );
  }
}

interface NamedView extends NewView {
  readonly namespace: string;
}

type Views = ReadonlyMap<string, NamedView>;

interface Below {
  /** Views on the longest way down, this one included. */
  readonly depth: number;
  /** Of the stages of all views on the way that has the most of them. */
  readonly bytes: number;
}

/** Of a view with all that it reads, through `viewOn` or a stage. Throws when it comes back to itself. */
function measureBelow(views: Views, namespace: string, database: string): Below {
  const own = collationOf(views.get(namespace)!) ?? undefined;
  const measured = new Map<string, Below>();
  const measure = (name: string, path: readonly string[]): Below => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    if (path.includes(name)) {
      throw new MongoServerError(
        'GraphContainsCycle',
        `View cycle detected: ${[...path, name].join(' => ')}`,
      );
    }
    const view = views.get(name);
    if (view === undefined) return { depth: 0, bytes: 0 };
    checkSameCollation(namespace, own, view);
    const below = readBy(view, database).map((one) => measure(one, [...path, name]));
    const found = {
      depth: 1 + Math.max(...below.map(({ depth }) => depth)),
      bytes: bytesOf(view.pipeline) + Math.max(...below.map(({ bytes }) => bytes)),
    };
    measured.set(name, found);
    return found;
  };
  return measure(namespace, []);
}

/** What a view reads: what it stands on first. */
function readBy({ viewOn, pipeline }: NewView, database: string): string[] {
  const names = new Set([viewOn, ...collectionsNamedIn(pipeline)]);
  return [...names].map((name) => `${database}.${name}`);
}

function checkSameCollation(namespace: string, own: Collation | undefined, under: NamedView): void {
  if (isSameCollation(own, collationOf(under) ?? undefined)) return;
  throw new MongoServerError(
    'OptionNotSupportedOnView',
    `View ${namespace} has a collation that does not match the collation of view ${under.namespace}.`,
  );
}

/** How many views stand on one another from this one upwards, itself included. */
function heightAbove(views: Views, namespace: string, database: string): number {
  let height = 1;
  let layer = new Set([namespace]);
  const seen = new Set(layer);
  for (;;) {
    const next = new Set<string>();
    for (const view of views.values()) {
      if (seen.has(view.namespace)) continue;
      if (readBy(view, database).some((name) => layer.has(name))) {
        next.add(view.namespace);
        seen.add(view.namespace);
      }
    }
    if (next.size === 0) return height;
    height += 1;
    layer = next;
  }
}
