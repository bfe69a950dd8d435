import type { Operator } from './expression.ts';
import { abs } from './operators/abs.ts';
import { acos } from './operators/acos.ts';
import { acosh } from './operators/acosh.ts';
import { add } from './operators/add.ts';
import { and } from './operators/and.ts';
import { arrayElemAt } from './operators/array-elem-at.ts';
import { asin } from './operators/asin.ts';
import { asinh } from './operators/asinh.ts';
import { atan } from './operators/atan.ts';
import { atanh } from './operators/atanh.ts';
import { avg } from './operators/avg.ts';
import { ceil } from './operators/ceil.ts';
import { cmp } from './operators/cmp.ts';
import { concat } from './operators/concat.ts';
import { concatArrays } from './operators/concat-arrays.ts';
import { cond } from './operators/cond.ts';
import { constOperator } from './operators/const.ts';
import { cos } from './operators/cos.ts';
import { cosh } from './operators/cosh.ts';
import { divide } from './operators/divide.ts';
import { eq } from './operators/eq.ts';
import { exp } from './operators/exp.ts';
import { filter } from './operators/filter.ts';
import { first } from './operators/first.ts';
import { floor } from './operators/floor.ts';
import { gt } from './operators/gt.ts';
import { gte } from './operators/gte.ts';
import { ifNull } from './operators/if-null.ts';
import { inOperator } from './operators/in.ts';
import { isArray } from './operators/is-array.ts';
import { isNumber } from './operators/is-number.ts';
import { last } from './operators/last.ts';
import { letOperator } from './operators/let.ts';
import { literal } from './operators/literal.ts';
import { ln } from './operators/ln.ts';
import { log10 } from './operators/log10.ts';
import { lt } from './operators/lt.ts';
import { lte } from './operators/lte.ts';
import { map } from './operators/map.ts';
import { max } from './operators/max.ts';
import { mergeObjects } from './operators/merge-objects.ts';
import { min } from './operators/min.ts';
import { mod } from './operators/mod.ts';
import { multiply } from './operators/multiply.ts';
import { ne } from './operators/ne.ts';
import { not } from './operators/not.ts';
import { objectToArray } from './operators/object-to-array.ts';
import { or } from './operators/or.ts';
import { pow } from './operators/pow.ts';
import { reduce } from './operators/reduce.ts';
import { reverseArray } from './operators/reverse-array.ts';
import { round } from './operators/round.ts';
import { sin } from './operators/sin.ts';
import { sinh } from './operators/sinh.ts';
import { size } from './operators/size.ts';
import { sqrt } from './operators/sqrt.ts';
import { strLenBytes } from './operators/str-len-bytes.ts';
import { strLenCP } from './operators/str-len-cp.ts';
import { substrCP } from './operators/substr-cp.ts';
import { subtract } from './operators/subtract.ts';
import { sum } from './operators/sum.ts';
import { switchOperator } from './operators/switch.ts';
import { tan } from './operators/tan.ts';
import { tanh } from './operators/tanh.ts';
import { toLower } from './operators/to-lower.ts';
import { toUpper } from './operators/to-upper.ts';
import { trunc } from './operators/trunc.ts';
import { type } from './operators/type.ts';

/** Every expression operator there is, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  [
    abs,
    acos,
    acosh,
    add,
    and,
    arrayElemAt,
    asin,
    asinh,
    atan,
    atanh,
    avg,
    ceil,
    cmp,
    concatArrays,
    concat,
    cond,
    constOperator,
    cos,
    cosh,
    divide,
    eq,
    exp,
    filter,
    first,
    floor,
    gt,
    gte,
    ifNull,
    inOperator,
    isArray,
    isNumber,
    last,
    letOperator,
    literal,
    ln,
    log10,
    lt,
    lte,
    map,
    max,
    mergeObjects,
    min,
    mod,
    multiply,
    ne,
    not,
    objectToArray,
    or,
    pow,
    reduce,
    reverseArray,
    round,
    sin,
    sinh,
    size,
    sqrt,
    strLenBytes,
    strLenCP,
    substrCP,
    subtract,
    sum,
    switchOperator,
    tan,
    tanh,
    toLower,
    toUpper,
    trunc,
    type,
  ].map((operator) => [operator.name, operator]),
);

/** Operators of the protocol that answer NotImplemented. */
export const missingOperators: ReadonlySet<string> = new Set([
  '$allElementsTrue',
  '$anyElementTrue',
  '$arrayToObject',
  '$atan2',
  '$binarySize',
  '$bitAnd',
  '$bitNot',
  '$bitOr',
  '$bitXor',
  '$bsonSize',
  '$convert',
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
  '$firstN',
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
  '$log',
  '$ltrim',
  '$maxN',
  '$median',
  '$meta',
  '$millisecond',
  '$minN',
  '$minute',
  '$month',
  '$percentile',
  '$radiansToDegrees',
  '$rand',
  '$range',
  '$regexFind',
  '$regexFindAll',
  '$regexMatch',
  '$replaceAll',
  '$replaceOne',
  '$rtrim',
  '$second',
  '$setDifference',
  '$setEquals',
  '$setField',
  '$setIntersection',
  '$setIsSubset',
  '$setUnion',
  '$slice',
  '$sortArray',
  '$split',
  '$stdDevPop',
  '$stdDevSamp',
  '$strcasecmp',
  '$substr',
  '$substrBytes',
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
  '$tsIncrement',
  '$tsSecond',
  '$unsetField',
  '$week',
  '$year',
  '$zip',
]);
