import { BsonType, decodeDocument, findField, type RawValue } from '../../bson/index.ts';
import type { LocaleCollation } from '../../collation/index.ts';
import {
  checkValidator,
  createCollection,
  createView,
  documentsExpireAfter,
  type NewView,
  pipelineOf,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import type { Profiler } from '../dispatch/profiler.ts';
import {
  collectionOptionFields,
  readCollectionOptions,
  readDefaultCollation,
  readPreImages,
} from './create-options.ts';
import { refuseEncryptedFields } from './encrypted-fields.ts';
import { checkExpireAfter } from './expire-after.ts';
import { checkIdIndex } from './id-index-spec.ts';
import { refuseLater } from './later-options.ts';
import { readTimeSeries } from './time-series-options.ts';
import { readValidatorOptions } from './validator-options.ts';
import { checkViewPipeline, readViewOn, readViewPipeline } from './view-options.ts';

/** Options that change what a collection is, none of which is there yet. */
const laterOptions = ['autoIndexId', 'flags', 'temp'] as const;

const fields = new Set<string>([
  ...laterOptions,
  ...collectionOptionFields,
  'encryptedFields',
  'idIndex',
  'pipeline',
  'timeseries',
  'viewOn',
]);

interface Create {
  readonly namespace: string;
  /** BSON. */
  readonly options: Buffer;
  /** A view; then the other options say nothing. */
  readonly view: NewView | undefined;
}

export const create = defineCommand<Create>({
  name: 'create',
  help: 'Creates a collection, a time series or a view.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(fields);
    refuseEncryptedFields(body);
    const timeSeries = readTimeSeries(body);
    if (body.optionalBool('autoIndexId') === false && body.database !== 'local') {
      throw new MongoServerError(
        50001,
        `autoIndexId:false is not allowed for collection ${body.namespace()} because it can be replicated`,
      );
    }
    refuseLater(body, laterOptions);
    const namespace = body.namespace();
    const collation = readDefaultCollation(body);
    checkIdIndex(body, collation);
    const options = readCollectionOptions(body, timeSeries);
    return { namespace, options, view: readView(body, namespace) };
  },
  async run({ namespace, options, view }, { database, operation, profiler, dbName }) {
    if (namespace === `${dbName}.system.profile`) {
      createProfile(profiler, namespace, dbName, { options, view });
      return {};
    }
    if (view === undefined) {
      checkExpireAfter(documentsExpireAfter({ options }), database.now());
      const validator = findField(options, 0, 'validator');
      if (validator !== undefined) checkValidator(database, namespace, validator);
      await createCollection(database, operation, namespace, options);
    } else await createView(database, operation, namespace, view);
    return {};
  },
});

function asValue(collation: LocaleCollation | undefined): RawValue | undefined {
  if (collation === undefined) return undefined;
  const { bytes } = collation;
  return { buffer: bytes, type: BsonType.object, start: 0, end: bytes.length };
}

/** It is kept by the profiler, and always capped. */
function createProfile(
  profiler: Profiler,
  namespace: string,
  dbName: string,
  { options, view }: Pick<Create, 'options' | 'view'>,
): void {
  const { capped, size, ...others } = decodeDocument(options);
  if (view !== undefined || Object.keys(others).length > 0) {
    throw new MongoServerError(
      'NotImplemented',
      'system.profile has the options capped and size only',
    );
  }
  if (!profiler.create(dbName, capped === true ? Number(size) : undefined)) {
    throw new MongoServerError('NamespaceExists', `Collection ${namespace} already exists.`);
  }
}

function readView(body: CommandBody, namespace: string): NewView | undefined {
  const viewOn = readViewOn(body);
  const pipeline = readViewPipeline(body);
  if (viewOn === undefined) {
    if (pipeline === undefined) return undefined;
    throw new MongoServerError(
      'InvalidOptions',
      "'pipeline' requires 'viewOn' to also be specified",
    );
  }
  if (body.optionalDocument('idIndex') !== undefined) {
    throw new MongoServerError('InvalidOptions', "'idIndex' is not allowed with 'viewOn'");
  }
  if (readPreImages(body) === true) {
    throw new MongoServerError(
      'InvalidOptions',
      'option not supported on a view: changeStreamPreAndPostImages',
    );
  }
  const { validator } = readValidatorOptions(body);
  if (validator !== undefined) {
    throw new MongoServerError('InvalidOptions', 'option not supported on a view: validator');
  }
  const stages = pipeline ?? pipelineOf([]);
  checkViewPipeline(namespace, stages);
  return { viewOn, pipeline: stages, collation: asValue(readDefaultCollation(body)) };
}
