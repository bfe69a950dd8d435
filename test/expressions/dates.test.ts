/** Table tests of the date operators: zones, parts, texts, and what is refused. */
import { Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeDocument, encodeValue } from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { noVariables, ParseContext, parseExpression, Scope } from '../../src/expressions/index.ts';

type Fields = Record<string, unknown>;

function result(expression: unknown, document: Fields = {}): unknown {
  const scope = new Scope(encodeDocument(document), 0);
  const parsed = parseExpression(encodeValue(expression), ParseContext.of(noVariables));
  const value = parsed.evaluate(scope);
  const decoded = value && decodeValue(value);
  if (decoded instanceof Date) return decoded.toISOString();
  return typeof decoded === 'bigint' ? `long ${decoded}` : decoded;
}

function refusal(
  expression: unknown,
  document: Fields = {},
): readonly [number, string] | undefined {
  try {
    result(expression, document);
  } catch (error) {
    if (error instanceof MongoServerError) return [error.code, error.message];
    throw error;
  }
  return undefined;
}

const at = (text: string) => new Date(text);
const newYork = 'America/New_York';

describe('time zones', () => {
  test.each<[string, string, string]>([
    ['2020-03-08T06:59:59Z', newYork, '2020-03-08T01:59:59-0500'],
    ['2020-03-08T07:00:00Z', newYork, '2020-03-08T03:00:00-0400'],
    ['2020-11-01T05:59:59Z', newYork, '2020-11-01T01:59:59-0400'],
    ['2020-11-01T06:00:00Z', newYork, '2020-11-01T01:00:00-0500'],
    ['1883-11-18T16:00:00Z', newYork, '1883-11-18T11:03:58-0456'],
    ['2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29T23:59:59-1000'],
    ['2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31T00:00:00+1400'],
    ['2020-06-01T00:00:00Z', 'Australia/Lord_Howe', '2020-06-01T10:30:00+1030'],
    ['2020-12-01T00:00:00Z', 'Australia/LHI', '2020-12-01T11:00:00+1100'],
    ['2020-06-01T00:00:00Z', 'Asia/Kathmandu', '2020-06-01T05:45:00+0545'],
    ['2500-07-01T00:00:00Z', newYork, '2500-06-30T20:00:00-0400'],
    ['0001-01-01T12:00:00Z', 'Etc/GMT+5', '0001-01-01T07:00:00-0500'],
    ['2020-06-01T00:00:00Z', '+05:30', '2020-06-01T05:30:00+0530'],
    ['2020-06-01T00:00:00Z', '-0330', '2020-05-31T20:30:00-0330'],
    ['2020-06-01T00:00:00Z', '+99', '2020-06-05T03:00:00+9900'],
  ])('%s in %s is %s', (date, timezone, text) => {
    const format = '%Y-%m-%dT%H:%M:%S%z';
    expect(result({ $dateToString: { date: at(date), timezone, format } })).toBe(text);
    expect(
      result(
        { $dateToString: { date: '$d', timezone: '$z', format } },
        { d: at(date), z: timezone },
      ),
    ).toBe(text);
  });

  test.each([
    [
      'a spring gap west of Greenwich goes on',
      newYork,
      [2020, 3, 8, 2, 30],
      '2020-03-08T07:30:00.000Z',
    ],
    [
      'a spring gap east of it too',
      'Europe/Paris',
      [2020, 3, 29, 2, 30],
      '2020-03-29T01:30:00.000Z',
    ],
    ['before the gap', newYork, [2020, 3, 8, 1, 59], '2020-03-08T06:59:00.000Z'],
    ['after the gap', newYork, [2020, 3, 8, 3, 0], '2020-03-08T07:00:00.000Z'],
    ['a time that comes twice', newYork, [2020, 11, 1, 1, 30], '2020-11-01T05:30:00.000Z'],
    [
      'the day that Samoa left out',
      'Pacific/Apia',
      [2011, 12, 30, 12, 0],
      '2011-12-30T22:00:00.000Z',
    ],
  ])('%s', (_claim, timezone, [year, month, day, hour, minute], moment) => {
    const parts = { year, month, day, hour, minute, timezone };
    expect(result({ $dateFromParts: parts })).toBe(moment);
  });

  test.each(['america/new_york', 'Z', '', '+100:00', '+5', 'Nowhere', '+05:3'])(
    'there is no zone %j',
    (timezone) => {
      expect(refusal({ $hour: { date: at('2020-01-01'), timezone } })).toEqual([
        40485,
        `unrecognized time zone identifier: "${timezone}"`,
      ]);
    },
  );

  test('every part is that of the zone', () => {
    const parts = [
      '$year',
      '$month',
      '$dayOfMonth',
      '$dayOfWeek',
      '$dayOfYear',
      '$week',
      '$isoWeek',
      '$isoDayOfWeek',
      '$hour',
      '$minute',
      '$second',
      '$millisecond',
    ];
    const date = { date: at('2021-01-01T04:30:15.250Z'), timezone: newYork };
    expect(parts.map((name) => result({ [name]: date }))).toEqual([
      2020, 12, 31, 5, 366, 52, 53, 4, 23, 30, 15, 250,
    ]);
    expect(result({ $isoWeekYear: date })).toBe('long 2020');
  });
});

describe('parts and texts of dates', () => {
  test.each<[unknown, unknown]>([
    [
      { $dateToParts: { date: at('2017-01-01T12:30:15.5Z') } },
      { year: 2017, month: 1, day: 1, hour: 12, minute: 30, second: 15, millisecond: 500 },
    ],
    [
      { $dateToParts: { date: at('2017-01-01'), iso8601: true } },
      {
        isoWeekYear: 2016,
        isoWeek: 52,
        isoDayOfWeek: 7,
        hour: 0,
        minute: 0,
        second: 0,
        millisecond: 0,
      },
    ],
    [{ $dateToParts: { date: null } }, null],
    [{ $dateFromParts: { year: 2017, month: 14, day: -1 } }, '2018-01-30T00:00:00.000Z'],
    [
      { $dateFromParts: { year: 2017, hour: 25, minute: -1, second: 3601, millisecond: -1 } },
      '2017-01-02T01:59:00.999Z',
    ],
    [
      { $dateFromParts: { isoWeekYear: 2017, isoWeek: 6, isoDayOfWeek: 3 } },
      '2017-02-08T00:00:00.000Z',
    ],
    [{ $dateFromParts: { isoWeekYear: 2017, isoWeek: 54 } }, '2018-01-08T00:00:00.000Z'],
    [{ $dateFromParts: { year: null } }, null],
    [{ $dateToString: { date: at('2017-01-04T15:08:51.911Z') } }, '2017-01-04T15:08:51.911Z'],
    [
      { $dateToString: { date: at('2017-01-04T15:08:51.911Z'), timezone: 'Europe/London' } },
      '2017-01-04T15:08:51.911',
    ],
    [
      {
        $dateToString: {
          date: at('2017-01-01T00:00:00Z'),
          format: '%G %V %u %U %j %w %b %B %L %z %Z %%',
        },
      },
      '2016 52 7 01 001 1 Jan January 000 +0000 0 %',
    ],
    [
      { $dateToString: { date: at('2017-07-01T00:00:00Z'), format: '%z %Z', timezone: newYork } },
      '-0400 -240',
    ],
    [{ $dateToString: { date: null, onNull: 'none' } }, 'none'],
    [
      { $dateToString: { date: new Timestamp({ t: 86_400, i: 1 }), format: '%Y-%m-%d' } },
      '1970-01-02',
    ],
    [
      {
        $dateDiff: {
          startDate: at('2020-03-08T06:30:00Z'),
          endDate: at('2020-03-08T07:30:00Z'),
          unit: 'hour',
          timezone: newYork,
        },
      },
      'long 1',
    ],
    [
      {
        $dateDiff: {
          startDate: at('2020-03-08T04:30:00Z'),
          endDate: at('2020-03-09T03:30:00Z'),
          unit: 'day',
          timezone: newYork,
        },
      },
      'long 1',
    ],
    [
      {
        $dateDiff: {
          startDate: at('2020-12-31T23:00:00Z'),
          endDate: at('2021-01-01T01:00:00Z'),
          unit: 'year',
        },
      },
      'long 1',
    ],
    [
      {
        $dateAdd: {
          startDate: at('2020-03-07T12:00:00Z'),
          unit: 'day',
          amount: 1,
          timezone: newYork,
        },
      },
      '2020-03-08T11:00:00.000Z',
    ],
    [
      {
        $dateAdd: {
          startDate: at('2020-03-07T12:00:00Z'),
          unit: 'hour',
          amount: 24,
          timezone: newYork,
        },
      },
      '2020-03-08T12:00:00.000Z',
    ],
    [
      { $dateSubtract: { startDate: at('2020-03-31T12:00:00Z'), unit: 'month', amount: 1 } },
      '2020-02-29T12:00:00.000Z',
    ],
    [
      { $dateTrunc: { date: at('2020-07-04T03:00:00Z'), unit: 'day', timezone: newYork } },
      '2020-07-03T04:00:00.000Z',
    ],
    [
      {
        $dateTrunc: {
          date: at('2020-07-04T03:00:00Z'),
          unit: 'week',
          timezone: newYork,
          startOfWeek: 'Monday',
        },
      },
      '2020-06-29T04:00:00.000Z',
    ],
    [
      { $dateTrunc: { date: at('1999-12-31T23:00:00Z'), unit: 'month', binSize: 7 } },
      '1999-06-01T00:00:00.000Z',
    ],
  ])('%j is %j', (expression, value) => {
    expect(result(expression)).toEqual(value);
  });

  test.each([
    ['2017-02-08T12:10:40.787Z', '2017-02-08T12:10:40.787Z'],
    ['2017-02-08', '2017-02-08T00:00:00.000Z'],
    ['2017-02-08 12:10', '2017-02-08T12:10:00.000Z'],
    ['2017-02-08T12:10:40+05:30', '2017-02-08T06:40:40.000Z'],
    ['20170208', '2017-02-08T00:00:00.000Z'],
    ['20170208T121040', '2017-02-08T12:10:40.000Z'],
    ['2017/02/08', '2017-02-08T00:00:00.000Z'],
    ['2/8/2017', '2017-02-08T00:00:00.000Z'],
    ['8.2.2017', '2017-02-08T00:00:00.000Z'],
    ['Feb 8, 2017', '2017-02-08T00:00:00.000Z'],
    ['8 February 2017 3:04 pm', '2017-02-08T15:04:00.000Z'],
    ['08-Feb-2017', '2017-02-08T00:00:00.000Z'],
    ['2017-W06-3', '2017-02-08T00:00:00.000Z'],
    ['2017-039', '2017-02-08T00:00:00.000Z'],
    ['@86400', '1970-01-02T00:00:00.000Z'],
    ['Wed, 08 Feb 2017 12:10:40 EST', '2017-02-08T17:10:40.000Z'],
    ['08/Feb/2017:12:10:40 +0100', '2017-02-08T11:10:40.000Z'],
    ['WED jan 31 12:05:28 +03:30 1996', '1996-01-31T08:35:28.000Z'],
  ])('the text %j is %s', (dateString, moment) => {
    expect(result({ $dateFromString: { dateString } })).toBe(moment);
  });

  test.each<[string, string, string]>([
    ['08/02/2017', '%d/%m/%Y', '2017-02-08T00:00:00.000Z'],
    ['2017 Feb 8 3:04:05', '%Y %b %d %H:%M:%S', '2017-02-08T03:04:05.000Z'],
    ['2017-W06-3', '%G-W%V-%u', '2017-02-08T00:00:00.000Z'],
    ['2017-02-08 +0130', '%Y-%m-%d %z', '2017-02-07T22:30:00.000Z'],
    ['2017-02-08 -90', '%Y-%m-%d %Z', '2017-02-08T01:30:00.000Z'],
    ['2017 000', '%Y %j', '2017-01-01T00:00:00.000Z'],
  ])('the text %j by %j is %s', (dateString, format, moment) => {
    expect(result({ $dateFromString: { dateString, format } })).toBe(moment);
  });
});

describe('date operators refuse', () => {
  const date = at('2020-01-01');
  const incomplete = 'an incomplete date/time string has been found, with elements missing: ';
  test.each<[unknown, number, string]>([
    [{ $dateFromParts: 1 }, 40519, '$dateFromParts only supports an object as its argument'],
    [{ $dateFromParts: { year: 1, x: 1 } }, 40518, 'Unrecognized argument to $dateFromParts: x'],
    [
      { $dateFromParts: { month: 1 } },
      40516,
      "$dateFromParts requires either 'year' or 'isoWeekYear' to be present",
    ],
    [
      { $dateFromParts: { year: 1, isoWeek: 1 } },
      40489,
      '$dateFromParts does not allow mixing natural dates with ISO dates',
    ],
    [
      { $dateFromParts: { isoWeekYear: 1, day: 1 } },
      40525,
      '$dateFromParts does not allow mixing ISO dates with natural dates',
    ],
    [
      { $dateFromParts: { year: '1' } },
      40515,
      '\'year\' must evaluate to an integer, found string with value "1"',
    ],
    [
      { $dateFromParts: { year: 2000, month: 1.5 } },
      40515,
      "'month' must evaluate to an integer, found double with value 1.5",
    ],
    [
      { $dateFromParts: { year: 0 } },
      40523,
      "'year' must evaluate to an integer in the range 1 to 9999, found 0",
    ],
    [
      { $dateFromParts: { isoWeekYear: 10_000 } },
      31095,
      "'isoWeekYear' must evaluate to an integer in the range 1 to 9999, found 10000",
    ],
    [
      { $dateFromParts: { year: 2000, month: 32_768 } },
      31034,
      "'month' must evaluate to a value in the range [-32768, 32767]; value 32768 is not in range",
    ],
    [{ $dateToParts: [] }, 40524, '$dateToParts only supports an object as its argument'],
    [{ $dateToParts: { date, x: 1 } }, 40520, 'Unrecognized argument to $dateToParts: x'],
    [{ $dateToParts: {} }, 40522, "Missing 'date' argument to $dateToParts"],
    [{ $dateToParts: { date, iso8601: 1 } }, 40521, 'iso8601 must evaluate to a bool, found int'],
    [{ $dateToParts: { date: 'a' } }, 16006, "can't convert from BSON type string to Date"],
    [
      { $dateFromString: 'a' },
      40540,
      '$dateFromString only supports an object as an argument, found: string',
    ],
    [{ $dateFromString: { x: 1 } }, 40541, 'Unrecognized argument to $dateFromString: x'],
    [{ $dateFromString: {} }, 40542, "Missing 'dateString' parameter to $dateFromString"],
    [
      { $dateFromString: { dateString: 5 } },
      241,
      "$dateFromString requires that 'dateString' be a string, found: int with value 5",
    ],
    [
      { $dateFromString: { dateString: '', format: 5 } },
      40684,
      "$dateFromString requires that 'format' be a string, found: int with value 5",
    ],
    [
      { $dateFromString: { dateString: '', format: '%U' } },
      18536,
      "Invalid format character '%U' in format string",
    ],
    [
      { $dateFromString: { dateString: '', format: '%' } },
      18535,
      "Unmatched '%' at end of format string",
    ],
    [
      { $dateFromString: { dateString: '2017-02-30' } },
      241,
      "Error parsing date string '2017-02-30'; 10: The parsed date was invalid '\0'",
    ],
    [{ $dateFromString: { dateString: '12:00' } }, 241, `${incomplete}"12:00"`],
    [{ $dateFromString: { dateString: '2017', format: '%Y' } }, 241, `${incomplete}"2017"`],
    [
      { $dateFromString: { dateString: '17', format: '%Y' } },
      241,
      "Error parsing date string '17'; 0: A four digit year could not be found '1'",
    ],
    [
      { $dateFromString: { dateString: '2017-02-08x', format: '%Y-%m-%d' } },
      241,
      "Error parsing date string '2017-02-08x'; 10: Trailing data 'x'",
    ],
    [
      { $dateFromString: { dateString: '2017-02', format: '%Y-%m-%d' } },
      241,
      "Error parsing date string '2017-02'; 7: Not enough data available to satisfy format '\0'",
    ],
    [
      { $dateFromString: { dateString: '2017-02-08 Europe/London' } },
      241,
      "Error parsing date string '2017-02-08 Europe/London'; 11: passing a time zone identifier as part of the string is not allowed 'E'",
    ],
    [
      { $dateFromString: { dateString: '2017-02-08T00:00:00+01:00', timezone: newYork } },
      241,
      'you cannot pass in a date/time string with GMT offset together with a timezone argument',
    ],
    [
      { $dateFromString: { dateString: '2017-02-08T00:00:00Z', timezone: newYork } },
      241,
      "you cannot pass in a date/time string with time zone information ('Z') together with a timezone argument",
    ],
    [
      { $dateToString: { date: at('+010000-01-01T00:00:00Z') } },
      18537,
      'Could not convert date to string: date component was outside the supported range of 0-9999: 10000',
    ],
    [
      { $dateToString: { date, format: 1 } },
      18533,
      "$dateToString requires that 'format' be a string, found: int with value 1",
    ],
    [
      { $dateToString: { date, format: '%q' } },
      18536,
      "Invalid format character '%q' in format string",
    ],
    [{ $hour: { date, timezone: 1 } }, 40517, 'timezone must evaluate to a string, found int'],
    [{ $hour: { date, zone: 1 } }, 40535, 'unrecognized option to $hour: "zone"'],
    [
      { $hour: { timezone: 'UTC' } },
      40539,
      'missing \'date\' argument to $hour, provided: $hour: { timezone: "UTC" }',
    ],
    [
      { $hour: [1, 2] },
      40536,
      '$hour accepts exactly one argument if given an array, but was given 2',
    ],
    [
      { $dateAdd: { startDate: date, unit: 'day', amount: 1, x: 1 } },
      5166401,
      'Unrecognized argument to $dateAdd: x. Expected arguments are startDate, unit, amount, and optionally timezone.',
    ],
    [
      { $dateAdd: { startDate: 1, unit: 'day', amount: 1 } },
      5166403,
      '$dateAdd requires startDate to be convertible to a date',
    ],
    [
      { $dateAdd: { startDate: date, unit: 'day', amount: 3e11 } },
      5976500,
      "invalid dateAdd 'amount' parameter value: 300000000000 day",
    ],
    [
      { $dateDiff: { startDate: date, endDate: date, unit: 'day', timezone: 'x' } },
      40485,
      '$dateDiff parameter \'timezone\' value parsing failed :: caused by :: unrecognized time zone identifier: "x"',
    ],
    [
      { $dateTrunc: { date, unit: 'day', binSize: 200_000_000_000 } },
      5439006,
      'dateTrunc unsupported binSize value',
    ],
  ])('%j with %i', (expression, code, message) => {
    expect(refusal(expression)).toEqual([code, message]);
  });
});
