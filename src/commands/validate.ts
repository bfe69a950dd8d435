import { existingCollection, indexCount, validateCollection } from '../database/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';
import type { CommandBody } from './command-body.ts';
import { refuseOnView } from './views.ts';

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
    checkModes(body);
    return { namespace: body.namespace() };
  },
  async run({ namespace }, context) {
    const { database, operation } = context;
    refuseOnView(context);
    const info = existingCollection(database.catalog, namespace);
    const found = await validateCollection(database, operation, info);
    const valid = found.errors.length === 0;
    return {
      ns: namespace,
      nInvalidDocuments: found.invalidDocuments,
      nNonCompliantDocuments: 0,
      nrecords: found.records,
      nIndexes: indexCount(info),
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

/** Modes that exclude each other, and the repairs MongoDB makes on a server without a set only. */
function checkModes(body: CommandBody): void {
  const asked = (mode: string): boolean => body.optionalBool(mode) ?? false;
  const metadata = asked('metadata');
  for (const other of ['background', 'full', 'repair', 'fixMultikey', 'checkBSONConformance']) {
    if (!asked(other)) continue;
    if (metadata) throw refused(`{ metadata: true } with { ${other}: true }`);
    if (other === 'repair' || other === 'fixMultikey') {
      throw refused(`{ ${other}: true } on a member of a replica set`);
    }
  }
}

function refused(what: string): MongoServerError {
  return new MongoServerError(
    'InvalidOptions',
    `Running the validate command with ${what} is not supported`,
  );
}
