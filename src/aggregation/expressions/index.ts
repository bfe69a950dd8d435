import type { Operator } from './expression.ts';
import { abs } from './operators/abs.ts';
import { acos } from './operators/acos.ts';
import { acosh } from './operators/acosh.ts';
import { add } from './operators/add.ts';
import { allElementsTrue } from './operators/all-elements-true.ts';
import { and } from './operators/and.ts';
import { anyElementTrue } from './operators/any-element-true.ts';
import { arrayElemAt } from './operators/array-elem-at.ts';
import { arrayToObject } from './operators/array-to-object.ts';
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
import { dateToString } from './operators/date-to-string.ts';
import { dayOfMonth } from './operators/day-of-month.ts';
import { dayOfWeek } from './operators/day-of-week.ts';
import { dayOfYear } from './operators/day-of-year.ts';
import { divide } from './operators/divide.ts';
import { eq } from './operators/eq.ts';
import { exp } from './operators/exp.ts';
import { filter } from './operators/filter.ts';
import { first } from './operators/first.ts';
import { floor } from './operators/floor.ts';
import { getField } from './operators/get-field.ts';
import { gt } from './operators/gt.ts';
import { gte } from './operators/gte.ts';
import { hour } from './operators/hour.ts';
import { ifNull } from './operators/if-null.ts';
import { inOperator } from './operators/in.ts';
import { indexOfArray } from './operators/index-of-array.ts';
import { isArray } from './operators/is-array.ts';
import { isNumber } from './operators/is-number.ts';
import { isoDayOfWeek } from './operators/iso-day-of-week.ts';
import { isoWeek } from './operators/iso-week.ts';
import { isoWeekYear } from './operators/iso-week-year.ts';
import { last } from './operators/last.ts';
import { letOperator } from './operators/let.ts';
import { literal } from './operators/literal.ts';
import { ln } from './operators/ln.ts';
import { log10 } from './operators/log10.ts';
import { lt } from './operators/lt.ts';
import { lte } from './operators/lte.ts';
import { ltrim } from './operators/ltrim.ts';
import { map } from './operators/map.ts';
import { max } from './operators/max.ts';
import { mergeObjects } from './operators/merge-objects.ts';
import { millisecond } from './operators/millisecond.ts';
import { min } from './operators/min.ts';
import { minute } from './operators/minute.ts';
import { mod } from './operators/mod.ts';
import { month } from './operators/month.ts';
import { multiply } from './operators/multiply.ts';
import { ne } from './operators/ne.ts';
import { not } from './operators/not.ts';
import { objectToArray } from './operators/object-to-array.ts';
import { or } from './operators/or.ts';
import { pow } from './operators/pow.ts';
import { range } from './operators/range.ts';
import { reduce } from './operators/reduce.ts';
import { reverseArray } from './operators/reverse-array.ts';
import { round } from './operators/round.ts';
import { rtrim } from './operators/rtrim.ts';
import { second } from './operators/second.ts';
import { setDifference } from './operators/set-difference.ts';
import { setEquals } from './operators/set-equals.ts';
import { setIntersection } from './operators/set-intersection.ts';
import { setIsSubset } from './operators/set-is-subset.ts';
import { setUnion } from './operators/set-union.ts';
import { sin } from './operators/sin.ts';
import { sinh } from './operators/sinh.ts';
import { size } from './operators/size.ts';
import { slice } from './operators/slice.ts';
import { split } from './operators/split.ts';
import { sqrt } from './operators/sqrt.ts';
import { strLenBytes } from './operators/str-len-bytes.ts';
import { strLenCP } from './operators/str-len-cp.ts';
import { substrCP } from './operators/substr-cp.ts';
import { subtract } from './operators/subtract.ts';
import { sum } from './operators/sum.ts';
import { switchOperator } from './operators/switch.ts';
import { tan } from './operators/tan.ts';
import { tanh } from './operators/tanh.ts';
import { toBool } from './operators/to-bool.ts';
import { toDate } from './operators/to-date.ts';
import { toDecimal } from './operators/to-decimal.ts';
import { toDouble } from './operators/to-double.ts';
import { toInt } from './operators/to-int.ts';
import { toLong } from './operators/to-long.ts';
import { toLower } from './operators/to-lower.ts';
import { toObjectId } from './operators/to-object-id.ts';
import { toStringOperator } from './operators/to-string.ts';
import { toUpper } from './operators/to-upper.ts';
import { trim } from './operators/trim.ts';
import { trunc } from './operators/trunc.ts';
import { type } from './operators/type.ts';
import { week } from './operators/week.ts';
import { year } from './operators/year.ts';

/** Every expression operator there is, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  [
    abs,
    acos,
    acosh,
    add,
    allElementsTrue,
    and,
    anyElementTrue,
    arrayElemAt,
    arrayToObject,
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
    dateToString,
    dayOfMonth,
    dayOfWeek,
    dayOfYear,
    divide,
    eq,
    exp,
    filter,
    first,
    floor,
    getField,
    gt,
    gte,
    hour,
    ifNull,
    inOperator,
    indexOfArray,
    isArray,
    isNumber,
    isoDayOfWeek,
    isoWeekYear,
    isoWeek,
    last,
    letOperator,
    literal,
    ln,
    log10,
    lt,
    lte,
    ltrim,
    map,
    max,
    mergeObjects,
    millisecond,
    min,
    minute,
    mod,
    month,
    multiply,
    ne,
    not,
    objectToArray,
    or,
    pow,
    range,
    reduce,
    reverseArray,
    round,
    rtrim,
    second,
    setDifference,
    setEquals,
    setIntersection,
    setIsSubset,
    setUnion,
    sin,
    sinh,
    size,
    slice,
    split,
    sqrt,
    strLenBytes,
    strLenCP,
    substrCP,
    subtract,
    sum,
    switchOperator,
    tan,
    tanh,
    toBool,
    toDate,
    toDecimal,
    toDouble,
    toInt,
    toLong,
    toLower,
    toObjectId,
    toStringOperator,
    toUpper,
    trim,
    trunc,
    type,
    week,
    year,
  ].map((operator) => [operator.name, operator]),
);

/** Operators of the protocol that answer NotImplemented. */
export const missingOperators: ReadonlySet<string> = new Set([
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
  '$dateTrunc',
  '$dayOfMonth',
  '$dayOfWeek',
  '$dayOfYear',
  '$degreesToRadians',
  '$firstN',
  '$function',
  '$hour',
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
  '$regexFind',
  '$regexFindAll',
  '$regexMatch',
  '$replaceAll',
  '$replaceOne',
  '$rtrim',
  '$second',
  '$setField',
  '$sortArray',
  '$stdDevPop',
  '$stdDevSamp',
  '$strcasecmp',
  '$substr',
  '$substrBytes',
  '$toHashedIndexKey',
  '$toUUID',
  '$trim',
  '$tsIncrement',
  '$tsSecond',
  '$unsetField',
  '$week',
  '$year',
  '$zip',
]);
