import { Binary } from 'bson';
import { decodeDocument, isTruthy } from '../../bson/index.ts';
import {
  existingCollection,
  indexCount,
  shownIndexes,
  validateCollection,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { refuseOnView } from '../documents/views.ts';

interface Validate {
  readonly namespace: string;
  /** Only what the catalog says is checked, no document. */
  readonly isMetadataOnly: boolean;
}

/** Fields it does not know are passed over, as by MongoDB. */
export const validate = defineCommand<Validate>({
  name: 'validate',
  help: 'Checks every document and index entry of a collection.',
  access: 'read',
  runsOn: 'secondaryOk',
  supportsReadConcern: false,
  namesCollection: true,
  parse(body) {
    checkModes(body);
    return { namespace: body.namespace(), isMetadataOnly: isTrue(body, 'metadata') };
  },
  async run({ namespace, isMetadataOnly }, context) {
    const { database, operation } = context;
    refuseOnView(context);
    const info = existingCollection(database.catalog, namespace);
    const found = isMetadataOnly ? undefined : await validateCollection(database, operation, info);
    const errors = found?.errors ?? [];
    const valid = errors.length === 0;
    return {
      ns: namespace,
      uuid: new Binary(info.uuid, 4),
      ...(found === undefined
        ? {}
        : {
            nInvalidDocuments: found.invalidDocuments,
            nNonCompliantDocuments: 0,
            nrecords: found.records,
          }),
      nIndexes: indexCount(info),
      ...(found === undefined ? {} : { keysPerIndex: found.keysPerIndex }),
      indexDetails: Object.fromEntries(
        shownIndexes(info).map(({ name, spec }) => [name, { valid, spec: decodeDocument(spec) }]),
      ),
      valid,
      repairMode: 'None',
      repaired: false,
      warnings: [],
      errors,
      extraIndexEntries: [],
      missingIndexEntries: [],
      corruptRecords: [],
    };
  },
});

function isTrue(body: CommandBody, mode: string): boolean {
  const value = body.value(mode);
  return value !== undefined && isTruthy(value);
}

/** Modes that exclude each other, and the repairs MongoDB makes on a server without a set only. */
function checkModes(body: CommandBody): void {
  const metadata = isTrue(body, 'metadata');
  for (const other of ['background', 'full', 'repair', 'fixMultikey', 'checkBSONConformance']) {
    if (!isTrue(body, other)) continue;
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
