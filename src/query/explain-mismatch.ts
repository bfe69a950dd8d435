/**
 * Why a document does not match a filter, as the `details` of a validation error tell it
 * (DocumentValidationFailure, errInfo): a tree of the filter's operators, with what was expected and what
 * was found. Below `$nor` and `$not` the tree says why something does match.
 */
import { type RawValue, typeAlias, valueEnd } from '../bson/index.ts';
import { documentValue, Scope } from '../expressions/index.ts';
import { expandsLastArray } from './compile-filter.ts';
import { explainFilter } from './explain-filter.ts';
import { Filter } from './filter.ts';
import { type FilterNode, type LeafNode, type LogicalNode, missingType } from './filter-node.ts';
import { annotations, brokenRules, type Facts } from './json-schema/schema.ts';
import { parsePath, visitPath } from './path.ts';

/** `root` does not match the document. */
export function explainMismatch(root: FilterNode, buffer: Buffer, start: number): Facts {
  return explain(root, documentValue(buffer, start), false);
}

function matches(node: FilterNode, document: RawValue): boolean {
  return new Filter(node).matches(document.buffer, document.start);
}

function explain(node: FilterNode, document: RawValue, isInverted: boolean): Facts {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'nor':
      return explainLogical(node, document, isInverted);
    case 'not':
      return explainNegation(node.child, document, isInverted);
    case 'expr':
      return {
        operatorName: '$expr',
        specifiedAs: { $expr: node.spec },
        reason: isInverted ? 'expression did match' : 'expression did not match',
        expressionResult: node.expression.evaluate(new Scope(document.buffer, document.start)),
      };
    case 'where':
      throw new Error('a validator holds no $where');
    case 'jsonSchema':
      return isInverted
        ? { operatorName: '$jsonSchema', reason: 'schema matched' }
        : {
            operatorName: '$jsonSchema',
            ...annotations(node.schema),
            schemaRulesNotSatisfied: brokenRules(node.schema, document),
          };
    case 'text':
      throw new Error('a validator has no $text');
    case 'alwaysTrue':
    case 'alwaysFalse':
      return {
        operatorName: `$${node.kind}`,
        specifiedAs: explainFilter(node),
        reason:
          node.kind === 'alwaysFalse'
            ? 'expression always evaluates to false'
            : 'expression always evaluates to true',
      };
    default:
      return explainLeaf(node, node, document, isInverted);
  }
}

function explainLogical(node: LogicalNode, document: RawValue, isInverted: boolean): Facts {
  const wantsMatch = (node.kind === 'nor') === isInverted;
  const clauses = node.children.flatMap((child, index) =>
    matches(child, document) === wantsMatch
      ? []
      : [{ index, details: explain(child, document, !wantsMatch) }],
  );
  return {
    operatorName: `$${node.kind}`,
    [wantsMatch ? 'clausesNotSatisfied' : 'clausesSatisfied']: clauses,
  };
}

/** `$ne`, `$nin` and `{$exists: false}` are operators of their own. */
function explainNegation(child: FilterNode, document: RawValue, isInverted: boolean): Facts {
  const name = negatedName(child);
  if (name === undefined || !('path' in child)) {
    return { operatorName: '$not', details: explain(child, document, !isInverted) };
  }
  const facts = explainLeaf(child, { kind: 'not', child }, document, !isInverted);
  const [test] = Object.values(explainFilter(child)) as Record<string, unknown>[];
  const [operand] = Object.values(test ?? {});
  return {
    ...facts,
    operatorName: name,
    specifiedAs: { [child.path]: { [name]: name === '$exists' ? false : operand } },
  };
}

function negatedName(child: FilterNode): string | undefined {
  if (child.kind === 'comparison' && child.operator === '$eq') return '$ne';
  if (child.kind === 'in') return '$nin';
  return child.kind === 'exists' ? '$exists' : undefined;
}

const names: Readonly<Record<string, string>> = {
  elemMatchObject: '$elemMatch',
  elemMatchValue: '$elemMatch',
};

/** Reasons when the test fails, and when it holds where it must not. */
const reasons: Readonly<Record<LeafNode['kind'], readonly [failed: string, held: string]>> = {
  comparison: ['comparison failed', 'comparison succeeded'],
  in: ['no matching value found in array', 'matching value found in array'],
  regex: ['regular expression did not match', 'regular expression did match'],
  exists: ['path does not exist', 'path does exist'],
  type: ['type did not match', 'type did match'],
  mod: ['$mod did not evaluate to expected remainder', '$mod did evaluate to expected remainder'],
  size: ['array length was not equal to given size', 'array length was equal to given size'],
  geo: [
    'none of the considered geometries was in the specified region',
    'at least one of the considered geometries was in the specified region',
  ],
  near: ['no place was near', 'a place was near'],
  bits: ['bitwise operator failed to match', 'bitwise operator matched successfully'],
  elemMatchObject: [
    'array did not satisfy the child predicate',
    'array did satisfy the child predicate',
  ],
  elemMatchValue: [
    'array did not satisfy the child predicate',
    'array did satisfy the child predicate',
  ],
};

function explainLeaf(
  node: LeafNode,
  specified: FilterNode,
  document: RawValue,
  isInverted: boolean,
): Facts {
  const operatorName =
    node.kind === 'comparison' || node.kind === 'bits' || node.kind === 'geo'
      ? node.operator
      : (names[node.kind] ?? `$${node.kind}`);
  const head = { operatorName, specifiedAs: explainFilter(specified) };
  const [failed, held] = reasons[node.kind];
  if (node.kind === 'exists') return { ...head, reason: isInverted ? held : failed };
  const values = valuesAt(node, document);
  if (values.length === 0) return { ...head, reason: 'field was missing' };
  const considered =
    values.length === 1 ? { consideredValue: values[0] } : { consideredValues: values };
  return {
    ...head,
    reason: isInverted ? held : failed,
    ...considered,
    ...(node.kind === 'type' ? consideredTypes(values) : {}),
  };
}

function consideredTypes(values: readonly RawValue[]): Facts {
  const types = [...new Set(values.map(({ type }) => typeAlias(type)))];
  return types.length === 1 ? { consideredType: types[0] } : { consideredTypes: types };
}

/** What the test was asked of: the elements of an array, and the array. */
function valuesAt(node: LeafNode, { buffer, start }: RawValue): RawValue[] {
  const values: RawValue[] = [];
  visitPath(buffer, start, parsePath(node.path), expandsLastArray(node), (bytes, type, at) => {
    if (type !== missingType) {
      values.push({ buffer: bytes, type, start: at, end: valueEnd(bytes, type, at) });
    }
    return false;
  });
  return values;
}
