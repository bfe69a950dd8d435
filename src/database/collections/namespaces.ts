import { MongoServerError } from '../../errors/index.ts';

/** MongoDB's limits, in bytes of UTF-8. */
const databaseNameBytesMax = 63;
const namespaceBytesMax = 255;

export interface NamespaceParts {
  readonly database: string;
  readonly collection: string;
}

export function splitNamespace(namespace: string): NamespaceParts {
  const dot = namespace.indexOf('.');
  if (dot < 0) return { database: namespace, collection: '' };
  return { database: namespace.slice(0, dot), collection: namespace.slice(dot + 1) };
}

export function isLocal(namespace: string): boolean {
  return namespace.startsWith('local.') || namespace === 'local';
}

/** Throws InvalidNamespace unless `name` may name a database. */
export function checkDatabaseName(name: string): void {
  if (
    name.length === 0 ||
    /[\0/\\. "$]/.test(name) ||
    Buffer.byteLength(name) > databaseNameBytesMax
  ) {
    throw new MongoServerError('InvalidNamespace', `Invalid database name: '${name}'`);
  }
}

/** Throws InvalidNamespace unless `namespace` may name a collection, existing or not. */
export function checkNamespace(namespace: string): void {
  const { database, collection } = splitNamespace(namespace);
  checkDatabaseName(database);
  if (collection.length === 0 || collection.startsWith('.') || collection.includes('\0')) {
    throw new MongoServerError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  }
}

/** Throws IllegalOperation unless a collection of this name may get another, or be what another becomes. */
export function checkRenamable(namespace: string): void {
  if (
    splitNamespace(namespace).collection.startsWith('system.') ||
    namespace.includes('$') ||
    Buffer.byteLength(namespace) > namespaceBytesMax
  ) {
    throw new MongoServerError('IllegalOperation', `error with target namespace: ${namespace}`);
  }
}

/** What a user's database may have below `system.`. */
const systemCollections: ReadonlySet<string> = new Set([
  'system.js',
  'system.profile',
  'system.users',
  'system.views',
]);

function checkSystemName(namespace: string): void {
  const { database, collection } = splitNamespace(namespace);
  if (!collection.startsWith('system.') || systemCollections.has(collection)) return;
  if (database === 'admin' || database === 'config' || database === 'local') return;
  throw collection.startsWith('system.buckets.')
    ? new MongoServerError(
        'IllegalOperation',
        `Creation of a timeseries bucket collection without timeseries options is not allowed: ${namespace}`,
      )
    : new MongoServerError('InvalidNamespace', `Invalid system namespace: ${namespace}`);
}

/** Throws unless a client may create a collection of this name. */
export function checkCreatable(namespace: string): void {
  checkNamespace(namespace);
  const { collection } = splitNamespace(namespace);
  if (collection.includes('$') && namespace !== 'local.oplog.$main') {
    throw new MongoServerError('InvalidNamespace', `Invalid collection name: ${collection}`);
  }
  checkSystemName(namespace);
  if (Buffer.byteLength(namespace) > namespaceBytesMax) {
    throw new MongoServerError(
      'InvalidNamespace',
      `Fully qualified namespace is too long. Namespace: ${namespace} Max: ${namespaceBytesMax}`,
    );
  }
}
