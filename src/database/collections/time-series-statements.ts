/** What update and findAndModify may do to a time series: MongoDB 8.0 changes metadata only, of all that match. */
import type { CatalogState } from '../../../storage/index.ts';
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf } from '../../expressions/index.ts';
import { isMetaPath, type TimeSeries, timeSeriesOf } from './time-series.ts';

export interface ChangeStatement {
  readonly filter: RawValue;
  /** The operators, a replacement or a pipeline. */
  readonly update: RawValue;
  readonly multi: boolean;
  readonly upsert: boolean;
}

/** Throws InvalidOptions when the collection is a time series and the statement does more than is allowed. */
export function checkTimeSeriesUpdate(
  catalog: CatalogState,
  namespace: string,
  { filter, update, multi, upsert }: ChangeStatement,
): void {
  const info = catalog.byNamespace(namespace);
  const series = info && timeSeriesOf(info);
  if (series === undefined) return;
  if (!multi) throw refused('Cannot perform a non-multi update on a time-series collection');
  if (upsert) throw refused('Cannot perform an upsert on a time-series collection');
  if (series.metaField === undefined) {
    throw refused(
      'Cannot perform an update on a time-series collection that does not have a metaField',
    );
  }
  const reader = new ElementReader(filter.buffer, filter.start);
  while (reader.next()) checkQuery(series, reader.name(), reader.value(), true, false);
  checkUpdate(series, update);
}

/** Throws InvalidOptions for a sort, which no findAndModify on a time series may have. */
export function checkTimeSeriesSort(
  catalog: CatalogState,
  namespace: string,
  sort: RawValue | undefined,
): void {
  const info = catalog.byNamespace(namespace);
  if (sort === undefined || info === undefined || timeSeriesOf(info) === undefined) return;
  throw refused('Cannot perform findAndModify with sort on a timeseries collection');
}

/** Only of metadata, in whatever operators: a name counts as a field below an array or at the top. */
function checkQuery(
  series: TimeSeries,
  name: string,
  value: RawValue,
  isField: boolean,
  isInArray: boolean,
): void {
  if (name === '$expr' || name === '$where') {
    throw refused(
      `Cannot use ${name} when performing an update or delete on a time-series collection`,
    );
  }
  if (name === '$jsonSchema') {
    checkSchema(series, value);
    return;
  }
  if (isField && !name.startsWith('$')) requireMeta(series, isMetaPath(series, name));
  if (value.type !== BsonType.object && value.type !== BsonType.array) return;
  const reader = new ElementReader(value.buffer, value.start);
  const isArray = value.type === BsonType.array;
  const areFields = isInArray && !isArray;
  while (reader.next()) checkQuery(series, reader.name(), reader.value(), areFields, isArray);
}

function checkSchema(series: TimeSeries, schema: RawValue): void {
  if (schema.type !== BsonType.object) return;
  const reader = new ElementReader(schema.buffer, schema.start);
  while (reader.next()) {
    const keyword = reader.name();
    const value = reader.value();
    if (keyword !== 'required' && keyword !== 'properties') continue;
    if (value.type !== BsonType.object && value.type !== BsonType.array) continue;
    const named = new ElementReader(value.buffer, value.start);
    while (named.next()) {
      const isMeta =
        keyword === 'properties'
          ? named.name() === series.metaField
          : named.type === BsonType.string && textOf(named.value()) === series.metaField;
      requireMeta(series, isMeta);
    }
  }
}

function requireMeta({ metaField }: TimeSeries, isMeta: boolean): void {
  if (isMeta) return;
  throw refused(
    `Cannot perform an update or delete on a time-series collection when querying on a field that is not the metaField '${metaField}'`,
  );
}

function checkUpdate(series: TimeSeries, update: RawValue): void {
  if (update.type === BsonType.array) {
    throw refused('Cannot perform an update on a time-series collection using a pipeline update');
  }
  const operators = new ElementReader(update.buffer, update.start);
  if (!operators.next() || !operators.name().startsWith('$')) {
    throw refused(
      'Cannot perform an update on a time-series collection using a replacement document',
    );
  }
  do {
    const isRename = operators.name() === '$rename';
    const { type, buffer, start } = operators.value();
    if (type !== BsonType.object) continue;
    const fields = new ElementReader(buffer, start);
    while (fields.next()) {
      const target = fields.value();
      const isMeta =
        isMetaPath(series, fields.name()) &&
        (!isRename || (target.type === BsonType.string && isMetaPath(series, textOf(target))));
      if (isMeta) continue;
      throw refused(
        `Cannot perform an update on a time-series collection which updates a field that is not the metaField '${series.metaField}'`,
      );
    }
  } while (operators.next());
}

function refused(message: string): MongoServerError {
  return new MongoServerError('InvalidOptions', message);
}
