/** Other collections of a pipeline: what their names stand for, and the plans of pipelines over them. */
import type {
  ForeignCollections as Foreign,
  ForeignPlan,
  Pipeline,
  PipelineHome,
  StageSource,
} from '../../aggregation/index.ts';
import { type Collation, isSameCollation } from '../../bson/index.ts';
import {
  checkNamespace,
  checkStillThere,
  collectionIn,
  type Database,
  GuardedPlan,
  planChoice,
  type ReadView,
  splitNamespace,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { noteScans, planQuery, type Stage } from '../../plan/index.ts';
import { frontFilter } from './front-filter.ts';
import { viewBehind } from './view-behind.ts';

/** The database of a pipeline that has this collation: the views it names must have the same. */
export function pipelineHome(
  database: Database,
  namespace: string,
  collation: Collation | undefined,
): PipelineHome {
  const { database: name } = splitNamespace(namespace);
  return {
    database: name,
    resolve(collection) {
      const asked = `${name}.${collection}`;
      checkNamespace(asked);
      const view = viewBehind({ database }, asked);
      if (view === undefined) return { name: collection, namespace: asked, stages: [] };
      if (!isSameCollation(view.collation ?? undefined, collation)) {
        throw new MongoServerError(
          'OptionNotSupportedOnView',
          `Cannot override a view's default collation${asked}`,
        );
      }
      return { name: collection, namespace: view.namespace, stages: view.stages };
    },
  };
}

interface ForeignOptions {
  readonly sourcesOf: (namespace: string) => Readonly<Record<string, StageSource>>;
  readonly isExplain?: boolean;
}

/** Plans pipelines on the state that `view` shows. */
export class ForeignCollections implements Foreign {
  readonly #database: Database;
  readonly #view: ReadView;
  readonly #sourcesOf: ForeignOptions['sourcesOf'];
  readonly #isExplain: boolean;

  constructor(
    database: Database,
    view: ReadView,
    { sourcesOf, isExplain = false }: ForeignOptions,
  ) {
    this.#database = database;
    this.#view = view;
    this.#sourcesOf = sourcesOf;
    this.#isExplain = isExplain;
  }

  open(pipeline: Pipeline, namespace: string): ForeignPlan {
    const database = this.#database;
    const view = this.#view;
    const options = { sources: this.#sourcesOf(namespace), foreign: this };
    if (pipeline.isSource) {
      return { root: pipeline.build(undefined, options), scansCollection: false };
    }
    const list = database.virtualCollections.get(namespace)?.documents;
    if (list !== undefined) {
      return { root: pipeline.buildOver(list, options), scansCollection: true };
    }
    const collection = collectionIn(database, view, namespace);
    const { front, metaWords, collation } = pipeline;
    const { sort, skip, limit } = front;
    const filter = frontFilter(pipeline, collection, namespace, collation);
    const { root, finished } = planQuery({
      filter,
      sort,
      collection,
      namespace,
      allowedIndexes: database.indexFilters.allowed(collection, { filter, sort }),
      skip,
      limit,
      metaWords,
      choice: planChoice(database, { reader: view.reader, isExplain: this.#isExplain }),
    });
    if (!this.#isExplain) noteScans(root);
    const check = (): void => {
      checkStillThere(database, view, collection);
    };
    const source = new GuardedPlan(root, { check, finished });
    return { root: pipeline.build(source, options), scansCollection: scansCollection(root) };
  }
}

function scansCollection({ name, children }: Stage): boolean {
  return name === 'COLLSCAN' || children.some(scansCollection);
}
