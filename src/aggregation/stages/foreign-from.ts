/** The `from` of stages that read another collection. */
import { BsonType, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf, type Value } from '../../expressions/index.ts';
import type { ForeignNamespace, StagePlace } from '../pipeline-stage.ts';
import { Specification } from './specification.ts';

const fields: ReadonlySet<string> = new Set(['coll', 'db']);

type JoiningName = '$lookup' | '$graphLookup';

/** What pipelines of every database may read. */
const ofOtherDatabases: Readonly<Record<JoiningName, RegExp>> = {
  $lookup: /^(?:local\.oplog\.rs|config\.(?:collections|chunks|cache\.chunks\..+))$/,
  $graphLookup: /^local\.system\.tenantMigration\.oplogView$/,
};

/** A collection of the same database by its name, or `{db, coll}` for few of the server's own. */
export function foreignFrom(from: Value, place: StagePlace, stage: JoiningName): ForeignNamespace {
  if (from.type === BsonType.string) return place.resolve(textOf(from));
  if (from.type !== BsonType.object) {
    throw new MongoServerError(
      'FailedToParse',
      `${stage} 'from' field must be a string, but found ${typeAlias(from.type)}`,
    );
  }
  const specification = new Specification('from', from, fields);
  const db = specification.optionalText('db') ?? '';
  const coll = specification.optionalText('coll') ?? '';
  const namespace = `${db}.${coll}`;
  if (ofOtherDatabases[stage].test(namespace)) return { name: coll, namespace, stages: [] };
  throw new MongoServerError(
    'FailedToParse',
    `${stage} with syntax {from: {db:<>, coll:<>},..} is not supported for db: ${db} and coll: ${coll}`,
  );
}
