const known = new Map<string, Map<string, string>>();
let count = 0;
const countMax = 10_000;

/**
 * `database.collection`, the same string each time: one that was looked up before has its hash and is
 * found in a map by identity, one put together anew is hashed and compared.
 */
export function namespaceOf(database: string, collection: string): string {
  let ofDatabase = known.get(database);
  let namespace = ofDatabase?.get(collection);
  if (namespace !== undefined) return namespace;
  namespace = `${database}.${collection}`;
  if (count >= countMax) {
    known.clear();
    count = 0;
    ofDatabase = undefined;
  }
  if (ofDatabase === undefined) {
    ofDatabase = new Map();
    known.set(database, ofDatabase);
  }
  ofDatabase.set(collection, namespace);
  count++;
  return namespace;
}
