/** What the specification of an index says, read once for each specification. */
import type { IndexInfo } from '../../storage/index.ts';
import { type Collation, decodeDocument, findField } from '../bson/index.ts';
import { parseCollation } from '../collation/index.ts';
import { noVariables } from '../expressions/index.ts';
import { type Filter, type FilterNode, type IndexKeys, parseFilter } from '../query/index.ts';
import { type IndexKind, kindOf } from './index-kinds/index.ts';

export interface IndexFacts {
  readonly kind: IndexKind;
  /** Kept up, but not there for the planner, whatever a hint says. */
  readonly isHidden: boolean;
  readonly isSparse: boolean;
  /** The collection's natural order is that of the index. */
  readonly isClustered: boolean;
  /** A key may stand for one document only. */
  readonly isUnique: boolean;
  /** As if it were unique, for what is written from now on. */
  readonly isPreparedUnique: boolean;
  /** Its keys are in place of texts. */
  readonly collation: Collation | undefined;
  /** Documents that do not match have no keys. */
  readonly partialFilter: Filter | undefined;
  /** How long after the date in its field a document is deleted; undefined: never. */
  readonly expireAfterSeconds: number | undefined;
  /** Where a change of a document may change its keys; undefined: anywhere. */
  readonly paths: readonly string[] | undefined;
  /** The keys of the document at `start`, before the partial filter is asked. */
  readonly keys: (buffer: Buffer, start: number) => IndexKeys;
}

/** By specification, which stays the same bytes while flags and states of the index change. */
const known = new WeakMap<Buffer, IndexFacts>();

export function factsOf(index: Pick<IndexInfo, 'spec' | 'keyPattern'>): IndexFacts {
  let facts = known.get(index.spec);
  if (facts === undefined) {
    facts = readFacts(index);
    known.set(index.spec, facts);
  }
  return facts;
}

function readFacts({ spec, keyPattern }: Pick<IndexInfo, 'spec' | 'keyPattern'>): IndexFacts {
  const options = decodeDocument(spec);
  const kind = kindOf(keyPattern);
  const expression = findField(spec, 0, 'partialFilterExpression');
  const given = findField(spec, 0, 'collation');
  const collation = (given && parseCollation(given)) ?? undefined;
  const variables = noVariables.under(collation);
  const partialFilter =
    expression && parseFilter(expression.buffer, expression.start, { variables });
  const isSparse = options.sparse === true;
  const paths = kind.paths(keyPattern, spec);
  const filterPaths = partialFilter === undefined ? [] : pathsOf(partialFilter.root);
  return {
    kind,
    isHidden: options.hidden === true,
    isSparse,
    isClustered: options.clustered === true,
    isUnique: options.unique === true,
    isPreparedUnique: options.prepareUnique === true,
    collation,
    partialFilter,
    expireAfterSeconds: options.expireAfterSeconds as number | undefined,
    paths: paths && filterPaths && [...paths, ...filterPaths],
    keys: kind.keyGenerator({ spec, keyPattern, isSparse, collation }),
  };
}

/** The fields a filter looks at; undefined when it may look at any. */
export function pathsOf(node: FilterNode): readonly string[] | undefined {
  if ('path' in node) return [node.path];
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'nor': {
      const paths = node.children.map(pathsOf);
      return paths.includes(undefined) ? undefined : (paths.flat() as string[]);
    }
    case 'not':
      return pathsOf(node.child);
    case 'alwaysTrue':
    case 'alwaysFalse':
      return [];
    default:
      return undefined;
  }
}
