import type { Operator } from '../expression.ts';
import { abs } from './abs.ts';
import { acos } from './acos.ts';
import { acosh } from './acosh.ts';
import { add } from './add.ts';
import { allElementsTrue } from './all-elements-true.ts';
import { and } from './and.ts';
import { anyElementTrue } from './any-element-true.ts';
import { arrayElemAt } from './array-elem-at.ts';
import { arrayToObject } from './array-to-object.ts';
import { asin } from './asin.ts';
import { asinh } from './asinh.ts';
import { atan } from './atan.ts';
import { atan2 } from './atan2.ts';
import { atanh } from './atanh.ts';
import { avg } from './avg.ts';
import { binarySize } from './binary-size.ts';
import { bitAnd } from './bit-and.ts';
import { bitNot } from './bit-not.ts';
import { bitOr } from './bit-or.ts';
import { bitXor } from './bit-xor.ts';
import { bsonSize } from './bson-size.ts';
import { ceil } from './ceil.ts';
import { cmp } from './cmp.ts';
import { concat } from './concat.ts';
import { concatArrays } from './concat-arrays.ts';
import { cond } from './cond.ts';
import { constOperator } from './const.ts';
import { convert } from './convert.ts';
import { cos } from './cos.ts';
import { cosh } from './cosh.ts';
import { dateAdd } from './date-add.ts';
import { dateDiff } from './date-diff.ts';
import { dateFromParts } from './date-from-parts.ts';
import { dateFromString } from './date-from-string.ts';
import { dateSubtract } from './date-subtract.ts';
import { dateToParts } from './date-to-parts.ts';
import { dateToString } from './date-to-string.ts';
import { dateTrunc } from './date-trunc.ts';
import { dayOfMonth } from './day-of-month.ts';
import { dayOfWeek } from './day-of-week.ts';
import { dayOfYear } from './day-of-year.ts';
import { degreesToRadians } from './degrees-to-radians.ts';
import { divide } from './divide.ts';
import { eq } from './eq.ts';
import { exp } from './exp.ts';
import { filter } from './filter.ts';
import { first } from './first.ts';
import { firstN } from './first-n.ts';
import { floor } from './floor.ts';
import { functionOperator } from './function.ts';
import { getField } from './get-field.ts';
import { gt } from './gt.ts';
import { gte } from './gte.ts';
import { hour } from './hour.ts';
import { ifNull } from './if-null.ts';
import { inOperator } from './in.ts';
import { indexOfArray } from './index-of-array.ts';
import { indexOfBytes } from './index-of-bytes.ts';
import { indexOfCP } from './index-of-cp.ts';
import { isArray } from './is-array.ts';
import { isNumber } from './is-number.ts';
import { isoDayOfWeek } from './iso-day-of-week.ts';
import { isoWeek } from './iso-week.ts';
import { isoWeekYear } from './iso-week-year.ts';
import { last } from './last.ts';
import { lastN } from './last-n.ts';
import { letOperator } from './let.ts';
import { literal } from './literal.ts';
import { ln } from './ln.ts';
import { log } from './log.ts';
import { log10 } from './log10.ts';
import { lt } from './lt.ts';
import { lte } from './lte.ts';
import { ltrim } from './ltrim.ts';
import { map } from './map.ts';
import { max } from './max.ts';
import { maxN } from './max-n.ts';
import { median } from './median.ts';
import { mergeObjects } from './merge-objects.ts';
import { meta } from './meta.ts';
import { millisecond } from './millisecond.ts';
import { min } from './min.ts';
import { minN } from './min-n.ts';
import { minute } from './minute.ts';
import { mod } from './mod.ts';
import { month } from './month.ts';
import { multiply } from './multiply.ts';
import { ne } from './ne.ts';
import { not } from './not.ts';
import { objectToArray } from './object-to-array.ts';
import { or } from './or.ts';
import { percentile } from './percentile.ts';
import { pow } from './pow.ts';
import { radiansToDegrees } from './radians-to-degrees.ts';
import { rand } from './rand.ts';
import { range } from './range.ts';
import { reduce } from './reduce.ts';
import { regexFind } from './regex-find.ts';
import { regexFindAll } from './regex-find-all.ts';
import { regexMatch } from './regex-match.ts';
import { replaceAll } from './replace-all.ts';
import { replaceOne } from './replace-one.ts';
import { reverseArray } from './reverse-array.ts';
import { round } from './round.ts';
import { rtrim } from './rtrim.ts';
import { second } from './second.ts';
import { setDifference } from './set-difference.ts';
import { setEquals } from './set-equals.ts';
import { setField } from './set-field.ts';
import { setIntersection } from './set-intersection.ts';
import { setIsSubset } from './set-is-subset.ts';
import { setUnion } from './set-union.ts';
import { sin } from './sin.ts';
import { sinh } from './sinh.ts';
import { size } from './size.ts';
import { slice } from './slice.ts';
import { sortArray } from './sort-array.ts';
import { split } from './split.ts';
import { sqrt } from './sqrt.ts';
import { stdDevPop } from './std-dev-pop.ts';
import { stdDevSamp } from './std-dev-samp.ts';
import { strLenBytes } from './str-len-bytes.ts';
import { strLenCP } from './str-len-cp.ts';
import { strcasecmp } from './strcasecmp.ts';
import { substr, substrBytes } from './substr-bytes.ts';
import { substrCP } from './substr-cp.ts';
import { subtract } from './subtract.ts';
import { sum } from './sum.ts';
import { switchOperator } from './switch.ts';
import { tan } from './tan.ts';
import { tanh } from './tanh.ts';
import { toBool } from './to-bool.ts';
import { toDate } from './to-date.ts';
import { toDecimal } from './to-decimal.ts';
import { toDouble } from './to-double.ts';
import { toHashedIndexKey } from './to-hashed-index-key.ts';
import { toInt } from './to-int.ts';
import { toLong } from './to-long.ts';
import { toLower } from './to-lower.ts';
import { toObjectId } from './to-object-id.ts';
import { toStringOperator } from './to-string.ts';
import { toUpper } from './to-upper.ts';
import { toUUID } from './to-uuid.ts';
import { trim } from './trim.ts';
import { trunc } from './trunc.ts';
import { tsIncrement } from './ts-increment.ts';
import { tsSecond } from './ts-second.ts';
import { type } from './type.ts';
import { unsetField } from './unset-field.ts';
import { week } from './week.ts';
import { year } from './year.ts';
import { zip } from './zip.ts';

/** Every expression operator there is, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  [
    dateAdd,
    dateDiff,
    dateSubtract,
    dateTrunc,
    atan2,
    binarySize,
    bitAnd,
    bitNot,
    bitOr,
    bitXor,
    bsonSize,
    convert,
    degreesToRadians,
    indexOfBytes,
    indexOfCP,
    log,
    meta,
    radiansToDegrees,
    rand,
    regexFind,
    regexFindAll,
    regexMatch,
    replaceAll,
    replaceOne,
    setField,
    sortArray,
    strcasecmp,
    substr,
    substrBytes,
    tsIncrement,
    tsSecond,
    unsetField,
    zip,
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
    dateFromParts,
    dateFromString,
    dateToParts,
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
    functionOperator,
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
    firstN,
    lastN,
    minN,
    maxN,
    percentile,
    median,
    stdDevPop,
    stdDevSamp,
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
    toUUID,
    toHashedIndexKey,
    toUpper,
    trim,
    trunc,
    type,
    week,
    year,
  ].map((operator) => [operator.name, operator]),
);
