/** Collations, BSON values, text and places. */
import { BSONSymbol, Code, DBRef, Decimal128, Double, Long, MaxKey, MinKey, ObjectId } from 'bson';
import type { Document } from 'mongodb';
import { batch, type FeatureTable, ids, type Step, yes } from '../feature-row.ts';
import { duplicateNames, olderTypes } from './value-bytes.ts';

function words(...list: string[]): Step {
  return [{ insert: 'w', documents: list.map((w, n) => ({ _id: n + 1, w })) }];
}

function sorted(collation: Document, ...expected: string[]): Step {
  return [
    { find: 'w', sort: { w: 1 }, collation },
    ({ cursor: { firstBatch } }) =>
      firstBatch.map(({ w }: Document) => w).join() === expected.join(),
  ];
}

function equal(collation: Document, asked: string, ...expected: number[]): Step {
  return [{ find: 'w', filter: { w: asked }, sort: { _id: 1 }, collation }, ids(...expected)];
}

function text(search: string, ...expected: number[]): Step {
  return [
    { find: 'w', filter: { $text: { $search: search } }, sort: { _id: 1 } },
    ids(...expected),
  ];
}

const textIndex: Step = [{ createIndexes: 'w', indexes: [{ key: { w: 'text' }, name: 't' }] }];

function inside(geometry: Document, ...expected: unknown[]): Step {
  return [{ find: 'p', filter: { at: { $geoWithin: { $geometry: geometry } } } }, ids(...expected)];
}

function points(...list: (readonly [number, number])[]): Step {
  return [
    {
      insert: 'p',
      documents: list.map((coordinates, n) => ({
        _id: n + 1,
        at: { type: 'Point', coordinates },
      })),
    },
  ];
}

function square(low: number, high: number): number[][] {
  return [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
    [low, low],
  ];
}

export const collationRows: FeatureTable = {
  title: 'Collation',
  rows: [
    yes('locales, strength 1 to 5, caseLevel', [
      words('a', 'A', '\u00e1'),
      equal({ locale: 'en', strength: 1 }, 'a', 1, 2, 3),
      equal({ locale: 'en', strength: 2 }, 'a', 1, 2),
      equal({ locale: 'en', strength: 3 }, 'a', 1),
      equal({ locale: 'en', strength: 5 }, 'a', 1),
      equal({ locale: 'en', strength: 1, caseLevel: true }, 'a', 1, 3),
      [{ find: 'w', collation: { locale: 'xx' } }, 2],
    ]),
    yes('caseFirst, numericOrdering, alternate, maxVariable, backwards, normalization', [
      words('a10', 'a9', 'A10', 'a-9'),
      sorted(
        { locale: 'en', numericOrdering: true, caseFirst: 'upper' },
        'a-9',
        'a9',
        'A10',
        'a10',
      ),
      equal({ locale: 'en', alternate: 'shifted', maxVariable: 'punct' }, 'a9', 2, 4),
      [{ find: 'w', collation: { locale: 'fr', backwards: true, normalization: true } }],
      [{ find: 'w', collation: { locale: 'en', colour: 1 } }, 40415],
    ]),
    yes('of operations, collections, indexes and views; `simple`', [
      [{ create: 'w', collation: { locale: 'en', strength: 2 } }],
      words('a', 'A'),
      [{ find: 'w', filter: { w: 'a' } }, ids(1, 2)],
      equal({ locale: 'simple' }, 'a', 1),
      [{ create: 'v', viewOn: 'w', pipeline: [], collation: { locale: 'en', strength: 2 } }],
      [{ find: 'v', filter: { w: 'a' } }, ids(1, 2)],
    ]),
  ],
};

function same(value: unknown, type: string): Step[] {
  return [
    [{ delete: 'b', deletes: [{ q: {}, limit: 0 }] }],
    [{ insert: 'b', documents: [{ _id: 1, v: value }] }, { n: 1 }],
    [{ find: 'b', filter: { v: { $type: type } } }, ids(1)],
    [{ find: 'b', filter: { v: value } }, ids(1)],
  ];
}

export const valueRows: FeatureTable = {
  title: 'Values',
  rows: [
    yes(
      'double, string, document, array, binary, ObjectId, bool, date, null, regex, int32, int64',
      [
        ...same(new Double(1.5), 'double'),
        ...same('s', 'string'),
        ...same({ a: 1 }, 'object'),
        ...same([[1]], 'array'),
        ...same(Buffer.from('x'), 'binData'),
        ...same(new ObjectId('0123456789abcdef01234567'), 'objectId'),
        ...same(true, 'bool'),
        ...same(new Date(7), 'date'),
        ...same(null, 'null'),
        ...same(/x/i, 'regex').slice(0, 3),
        ...same(1, 'int'),
        ...same(Long.fromString('9007199254740993'), 'long'),
      ],
    ),
    yes('decimal128: arithmetic, 34 digits, NaN, infinity, kept trailing zeros', [
      ...same(new Decimal128('1.10'), 'decimal'),
      ...same(new Decimal128('NaN'), 'decimal'),
      ...same(new Decimal128('Infinity'), 'decimal'),
      [{ delete: 'b', deletes: [{ q: {}, limit: 0 }] }],
      [
        {
          insert: 'b',
          documents: [{ _id: 1, v: new Decimal128('1234567890123456789012345678901234') }],
        },
      ],
      [{ update: 'b', updates: [{ q: {}, u: { $inc: { v: new Decimal128('1.10') } } }] }],
      [
        { find: 'b' },
        ({ cursor: { firstBatch } }) =>
          firstBatch[0].v.toString() === '1234567890123456789012345678901235',
      ],
    ]),
    yes(
      'decimal128: rounding, roots, powers, logarithms, angles and hyperbolic functions in expressions',
      [
        [
          {
            aggregate: 1,
            pipeline: [
              { $documents: [{ v: new Decimal128('2') }] },
              {
                $project: {
                  a: { $sqrt: '$v' },
                  b: { $pow: ['$v', 3] },
                  c: { $ln: '$v' },
                  d: { $acos: { $subtract: [1, '$v'] } },
                },
              },
            ],
            cursor: {},
          },
          ({ cursor: { firstBatch } }) =>
            Object.values(firstBatch[0]).map(String).join() ===
            [
              '1.414213562373095048801688724209698',
              '8.000000000000000000000000000000000',
              '0.6931471805599453094172321214581766',
              '3.141592653589793238462643383279503',
            ].join(),
        ],
      ],
      'the last of 34 digits of a result that is not exact may be another than MongoDB’s',
    ),
    yes('minKey, maxKey; the deprecated types: symbol, code, code with scope, DBRef documents', [
      ...same(new MinKey(), 'minKey'),
      ...same(new MaxKey(), 'maxKey'),
      ...same(new BSONSymbol('s'), 'symbol'),
      ...same(new Code('f'), 'javascript'),
      ...same(new Code('f', { a: 1 }), 'javascriptWithScope'),
      ...same(new DBRef('c', new ObjectId()), 'object'),
    ]),
    yes('undefined, dbPointer: stored, sorted', olderTypes),
    yes(
      'duplicate names of fields',
      duplicateNames,
      'both are kept; which one is found is left open',
    ),
    yes('NaN, infinities, -0, NUL in strings', [
      ...same(Number.NaN, 'double'),
      ...same(Number.NEGATIVE_INFINITY, 'double'),
      ...same(new Double(-0), 'double'),
      ...same('a\0b', 'string'),
    ]),
    yes('names with dots and dollars, empty names, the order of fields, numeric names too', [
      [{ insert: 'b', documents: [{ _id: 1, z: 1, 'a.b': 1, '': 1, x: { $y: 1 }, '7': 1 }] }],
      [
        {
          aggregate: 'b',
          pipeline: [
            { $project: { n: { $map: { input: { $objectToArray: '$$ROOT' }, in: '$$this.k' } } } },
          ],
          cursor: {},
        },
        batch({ n: ['_id', '7', 'z', 'a.b', '', 'x'] }),
      ],
    ]),
    yes('`_id` comes first, and is made when it is missing', [
      [{ insert: 'b', documents: [{ a: 1, _id: 1 }] }],
      [
        { find: 'b' },
        ({ cursor: { firstBatch } }) => JSON.stringify(firstBatch) === '[{"_id":1,"a":1}]',
      ],
      [
        {
          update: 'b',
          updates: [{ q: { _id: { $exists: true }, a: 9 }, u: { a: 9 }, upsert: true }],
        },
        ({ upserted }) => upserted[0]._id.toHexString().length === 24,
      ],
    ]),
    yes('the order of all types, numbers equal across their four types', [
      [
        {
          insert: 'b',
          documents: [
            new MaxKey(),
            /x/,
            new Date(0),
            true,
            new ObjectId(),
            Buffer.from(''),
            { a: 1 },
            'x',
            1,
            null,
            new MinKey(),
          ].map((v, n) => ({ _id: n, v })),
        },
      ],
      [{ find: 'b', sort: { v: 1 } }, ids(10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)],
      [{ find: 'b', filter: { v: new Decimal128('1.0') } }, ids(8)],
      [{ find: 'b', filter: { v: Long.fromInt(1) } }, ids(8)],
      [{ find: 'b', filter: { v: new Double(1) } }, ids(8)],
    ]),
    yes('nested arrays; documents to 100 levels', [
      ...same([[[1]]], 'array'),
      [
        {
          insert: 'b',
          documents: [
            Array.from({ length: 201 }).reduce<Document>((inner) => ({ a: inner }), { _id: 5 }),
          ],
        },
        15,
      ],
    ]),
  ],
};

export const textRows: FeatureTable = {
  title: 'Text and places',
  rows: [
    yes('text: words, stop words, stemming of da nl en fi fr de hu it nb pt ro ru es sv tr, none', [
      textIndex,
      [
        {
          insert: 'w',
          documents: [
            { _id: 1, w: 'the running dogs' },
            ...[
              'da',
              'nl',
              'fi',
              'fr',
              'de',
              'hu',
              'it',
              'nb',
              'pt',
              'ro',
              'ru',
              'es',
              'sv',
              'tr',
              'none',
            ].map((language, n) => ({ _id: n + 2, w: 'zebra', language })),
          ],
        },
        { n: 16 },
      ],
      text('run', 1),
      text('the'),
      [{ insert: 'w', documents: [{ w: 'x', language: 'klingon' }] }, 17262],
    ]),
    yes('text: phrases, negation, diacritics, case', [
      textIndex,
      words('green tea', 'black tea', 'Caf\u00e9'),
      text('"green tea"', 1),
      text('tea -black', 1),
      text('CAFE', 3),
    ]),
    yes('places: GeoJSON types, legacy pairs, sphere and plane, holes', [
      points([1, 1], [5, 5]),
      inside({ type: 'Polygon', coordinates: [square(0, 10)] }, 1, 2),
      inside({ type: 'Polygon', coordinates: [square(0, 10), square(4, 6)] }, 1),
      inside({ type: 'MultiPolygon', coordinates: [[square(0, 2)], [square(4, 6)]] }, 1, 2),
    ]),
    yes('places: the antimeridian, polygons larger than a hemisphere (strict winding)', [
      points([179.5, 0], [-179.5, 0], [0, 0]),
      inside(
        {
          type: 'Polygon',
          coordinates: [
            [
              [179, -1],
              [-179, -1],
              [-179, 1],
              [179, 1],
              [179, -1],
            ],
          ],
        },
        1,
        2,
      ),
      inside(
        {
          type: 'Polygon',
          coordinates: [[...square(-1, 1)].reverse()],
          crs: { type: 'name', properties: { name: 'urn:x-mongodb:crs:strictwinding:EPSG:4326' } },
        },
        1,
        2,
      ),
    ]),
  ],
};
