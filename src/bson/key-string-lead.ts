/** The lead bytes of key strings, in the order of MongoDB's brackets. See key-string.ts. */
import { BsonType } from './bson-type.ts';

export const lead = {
  minKey: 0x0a,
  undefined: 0x0f,
  null: 0x14,
  nan: 0x1e,
  negative: 0x1f,
  zero: 0x20,
  positive: 0x21,
  string: 0x3c,
  object: 0x46,
  array: 0x50,
  binData: 0x5a,
  objectId: 0x64,
  false: 0x6e,
  true: 0x6f,
  date: 0x78,
  timestamp: 0x82,
  regex: 0x8c,
  dbPointer: 0x96,
  javascript: 0xa0,
  javascriptWithScope: 0xaa,
  maxKey: 0xe6,
} as const;

/** The lowest lead byte of the type's bracket. */
export const bracketLead = new Uint8Array(256);
bracketLead[BsonType.minKey] = lead.minKey;
bracketLead[BsonType.undefined] = lead.undefined;
bracketLead[BsonType.null] = lead.null;
bracketLead[BsonType.int] = lead.nan;
bracketLead[BsonType.long] = lead.nan;
bracketLead[BsonType.double] = lead.nan;
bracketLead[BsonType.decimal] = lead.nan;
bracketLead[BsonType.string] = lead.string;
bracketLead[BsonType.symbol] = lead.string;
bracketLead[BsonType.object] = lead.object;
bracketLead[BsonType.array] = lead.array;
bracketLead[BsonType.binData] = lead.binData;
bracketLead[BsonType.objectId] = lead.objectId;
bracketLead[BsonType.bool] = lead.false;
bracketLead[BsonType.date] = lead.date;
bracketLead[BsonType.timestamp] = lead.timestamp;
bracketLead[BsonType.regex] = lead.regex;
bracketLead[BsonType.dbPointer] = lead.dbPointer;
bracketLead[BsonType.javascript] = lead.javascript;
bracketLead[BsonType.javascriptWithScope] = lead.javascriptWithScope;
bracketLead[BsonType.maxKey] = lead.maxKey;
