import { existingCollection, validateCollection } from '../database/index.ts';
import { defineCommand } from './command.ts';

export const validate = defineCommand<{ namespace: string }>({
  name: 'validate',
  help: 'Checks every document and index entry of a collection.',
  access: 'read',
  runsOn: 'secondaryOk',
  supportsReadConcern: false,
  namesCollection: true,
  parse(body) {
    body.rejectUnknown([
      'background',
      'checkBSONConformance',
      'full',
      'metadata',
      'repair',
      'fixMultikey',
      'scandata',
    ]);
    return { namespace: body.namespace() };
  },
  async run({ namespace }, { database, operation }) {
    const info = existingCollection(database.catalog, namespace);
    const found = await validateCollection(database, operation, info);
    const valid = found.errors.length === 0;
    return {
      ns: namespace,
      nInvalidDocuments: found.invalidDocuments,
      nNonCompliantDocuments: 0,
      nrecords: found.records,
      nIndexes: info.indexes.length,
      keysPerIndex: found.keysPerIndex,
      indexDetails: Object.fromEntries(info.indexes.map(({ name }) => [name, { valid }])),
      valid,
      repaired: false,
      warnings: [],
      errors: found.errors,
      extraIndexEntries: [],
      missingIndexEntries: [],
      corruptRecords: [],
    };
  },
});
