import type { Operator } from './expression.ts';
import { and } from './operators/and.ts';
import { arrayElemAt } from './operators/array-elem-at.ts';
import { cmp } from './operators/cmp.ts';
import { concat } from './operators/concat.ts';
import { concatArrays } from './operators/concat-arrays.ts';
import { cond } from './operators/cond.ts';
import { constOperator } from './operators/const.ts';
import { eq } from './operators/eq.ts';
import { filter } from './operators/filter.ts';
import { first } from './operators/first.ts';
import { gt } from './operators/gt.ts';
import { gte } from './operators/gte.ts';
import { ifNull } from './operators/if-null.ts';
import { inOperator } from './operators/in.ts';
import { isArray } from './operators/is-array.ts';
import { isNumber } from './operators/is-number.ts';
import { last } from './operators/last.ts';
import { letOperator } from './operators/let.ts';
import { literal } from './operators/literal.ts';
import { lt } from './operators/lt.ts';
import { lte } from './operators/lte.ts';
import { map } from './operators/map.ts';
import { mergeObjects } from './operators/merge-objects.ts';
import { ne } from './operators/ne.ts';
import { not } from './operators/not.ts';
import { objectToArray } from './operators/object-to-array.ts';
import { or } from './operators/or.ts';
import { reduce } from './operators/reduce.ts';
import { reverseArray } from './operators/reverse-array.ts';
import { size } from './operators/size.ts';
import { strLenBytes } from './operators/str-len-bytes.ts';
import { strLenCP } from './operators/str-len-cp.ts';
import { substrCP } from './operators/substr-cp.ts';
import { switchOperator } from './operators/switch.ts';
import { toLower } from './operators/to-lower.ts';
import { toUpper } from './operators/to-upper.ts';
import { type } from './operators/type.ts';

/** Every expression operator there is, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  [
    and,
    arrayElemAt,
    cmp,
    concatArrays,
    concat,
    cond,
    constOperator,
    eq,
    filter,
    first,
    gt,
    gte,
    ifNull,
    inOperator,
    isArray,
    isNumber,
    last,
    letOperator,
    literal,
    lt,
    lte,
    map,
    mergeObjects,
    ne,
    not,
    objectToArray,
    or,
    reduce,
    reverseArray,
    size,
    strLenBytes,
    strLenCP,
    substrCP,
    switchOperator,
    toLower,
    toUpper,
    type,
  ].map((operator) => [operator.name, operator]),
);

/** Operators of the protocol that answer NotImplemented. */
export const missingOperators: ReadonlySet<string> = new Set([
  '$abs',
  '$acos',
  '$acosh',
  '$add',
  '$allElementsTrue',
  '$anyElementTrue',
  '$arrayToObject',
  '$asin',
  '$asinh',
  '$atan2',
  '$atan',
  '$atanh',
  '$avg',
  '$binarySize',
  '$bitAnd',
  '$bitNot',
  '$bitOr',
  '$bitXor',
  '$bsonSize',
  '$ceil',
  '$convert',
  '$cos',
  '$cosh',
  '$dateAdd',
  '$dateDiff',
  '$dateFromParts',
  '$dateFromString',
  '$dateSubtract',
  '$dateToParts',
  '$dateToString',
  '$dateTrunc',
  '$dayOfMonth',
  '$dayOfWeek',
  '$dayOfYear',
  '$degreesToRadians',
  '$divide',
  '$exp',
  '$firstN',
  '$floor',
  '$function',
  '$getField',
  '$hour',
  '$indexOfArray',
  '$indexOfBytes',
  '$indexOfCP',
  '$isoDayOfWeek',
  '$isoWeek',
  '$isoWeekYear',
  '$lastN',
  '$ln',
  '$log10',
  '$log',
  '$ltrim',
  '$max',
  '$maxN',
  '$median',
  '$meta',
  '$millisecond',
  '$min',
  '$minN',
  '$minute',
  '$mod',
  '$month',
  '$multiply',
  '$percentile',
  '$pow',
  '$radiansToDegrees',
  '$rand',
  '$range',
  '$regexFind',
  '$regexFindAll',
  '$regexMatch',
  '$replaceAll',
  '$replaceOne',
  '$round',
  '$rtrim',
  '$second',
  '$setDifference',
  '$setEquals',
  '$setField',
  '$setIntersection',
  '$setIsSubset',
  '$setUnion',
  '$sin',
  '$sinh',
  '$slice',
  '$sortArray',
  '$split',
  '$sqrt',
  '$stdDevPop',
  '$stdDevSamp',
  '$strcasecmp',
  '$substr',
  '$substrBytes',
  '$subtract',
  '$sum',
  '$tan',
  '$tanh',
  '$toBool',
  '$toDate',
  '$toDecimal',
  '$toDouble',
  '$toHashedIndexKey',
  '$toInt',
  '$toLong',
  '$toObjectId',
  '$toString',
  '$toUUID',
  '$trim',
  '$trunc',
  '$tsIncrement',
  '$tsSecond',
  '$unsetField',
  '$week',
  '$year',
  '$zip',
]);
