/** What createIndexes may ask for on a time series. */
import { BsonType, documentText, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf } from '../../expressions/index.ts';
import { factsOf, pathsOf } from '../../plan/index.ts';
import { isMetaPath, type TimeSeries } from '../collections/time-series.ts';
import { indexFromSpec, keyOf } from './index-spec.ts';
import { numberOf } from './spec-values.ts';

/** Throws InvalidOptions, CannotCreateIndex or IndexOptionsConflict for what is not allowed. */
export function checkTimeSeriesIndex(series: TimeSeries, spec: Buffer): void {
  checkOptions(series, spec);
  const key = keyOf(spec);
  const reader = new ElementReader(key.buffer, key.start);
  while (reader.next()) checkField(series, spec, reader.name(), reader.value());
}

function checkOptions(series: TimeSeries, spec: Buffer): void {
  const facts = factsOf(indexFromSpec(0, spec));
  if (facts.partialFilter !== undefined && facts.collation !== undefined) {
    throw new MongoServerError(
      'IndexOptionsConflict',
      'On a time-series collection, partialFilterExpression and collation arguments are incompatible',
    );
  }
  const paths = pathsInKey(spec);
  if (facts.isSparse && !paths.every((path) => isTimeOrMeta(series, path))) {
    throw invalid('Sparse indexes are not supported on time-series measurements');
  }
  if (facts.isUnique || facts.isPreparedUnique) {
    throw invalid('Unique indexes are not supported on time-series collections');
  }
  if (facts.expireAfterSeconds === undefined) return;
  const filtered = facts.partialFilter && pathsOf(facts.partialFilter.root);
  if (filtered === undefined || !filtered.every((path) => isMetaPath(series, path))) {
    throw invalid(
      'TTL indexes on time-series collections require a partialFilterExpression on the metaField',
    );
  }
  if (paths[0] !== series.timeField) {
    throw invalid('TTL indexes on non-time fields are not supported on time-series collections');
  }
}

function checkField(series: TimeSeries, spec: Buffer, path: string, value: RawValue): void {
  const kind = value.type === BsonType.string ? textOf(value) : undefined;
  if (kind === 'text') throw invalid('Text indexes are not supported on time-series collections');
  if (isMetaPath(series, path)) return;
  if (path.endsWith('$**')) {
    // MongoDB would index the least and the greatest value of each bucket: two wildcard fields.
    throw new MongoServerError(
      7246201,
      'Compound wildcard indexes can have one wildcard field only',
    );
  }
  if (numberOf(value) !== undefined) return;
  if (path === series.timeField) {
    throw refused(
      spec,
      `Indexes on the time field must be ascending or descending (numbers only): ${path}: "${kind}"`,
    );
  }
  if (kind === '2dsphere') return;
  throw refused(
    spec,
    `Indexes on measurement fields must be ascending or descending (numbers only), or '2dsphere': ${path}: "${kind}"`,
  );
}

function refused(spec: Buffer, why: string): MongoServerError {
  const key = keyOf(spec);
  return new MongoServerError(
    'CannotCreateIndex',
    `BadValue: Invalid index spec for time-series collection: ${documentText(key.buffer, key.start)}. ${why}`,
  );
}

function pathsInKey(spec: Buffer): string[] {
  return indexFromSpec(0, spec).keyPattern.map(({ path }) => path);
}

function isTimeOrMeta(series: TimeSeries, path: string): boolean {
  return path === series.timeField || isMetaPath(series, path);
}

function invalid(message: string): MongoServerError {
  return new MongoServerError('InvalidOptions', message);
}
