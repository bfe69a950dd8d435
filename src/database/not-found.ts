import { MongoServerError } from '../errors/index.ts';

export function namespaceNotFound(namespace: string): MongoServerError {
  return new MongoServerError('NamespaceNotFound', `ns does not exist: ${namespace}`);
}
