/** Tests that say nothing about this server when they run with this driver, and why. */
import type { SpecificationFile, SpecificationTest } from './format.ts';

interface Row {
  /** The description of the file; left out, tests of all files are meant. */
  readonly file?: string;
  /** That of the tests; left out, all of the file are meant. */
  readonly test?: RegExp;
  /** What must be written in the test, or in the entities of its file. */
  readonly holds?: RegExp;
  readonly reason: string;
}

const rows: readonly Row[] = [
  {
    holds: /"timeout(MS|Mode)":/,
    reason: 'the driver ignores timeoutMS',
  },
  {
    file: 'bypassDocumentValidation',
    test: /passes bypassDocumentValidation: false/,
    reason: 'the driver leaves out bypassDocumentValidation: false',
  },
  {
    file: 'client bulkWrite partial results',
    test: /partialResult is unset/,
    reason: 'the driver always gives a partial result',
  },
  {
    file: 'bulkWrite',
    test: /First insertOne is never committed/,
    reason: 'the driver names ids of what was not inserted',
  },
  {
    file: 'create-null-ids',
    reason: 'the driver puts an ObjectId in the place of an _id that is null',
  },
  {
    file: 'gridfs-download',
    reason: 'the driver asks for a file by {_id: {$eq: id}}',
  },
  {
    file: 'gridfs-download-serverErrors',
    reason: 'the driver asks for a file by {_id: {$eq: id}}',
  },
  {
    file: 'Test commands: strict mode',
    test: /not part of the versioned API/,
    reason: "needs testVersion2, a command of mongod's own tests",
  },
];

/** The reason not to run a test, if there is one. */
export function outOfScope(file: SpecificationFile, test: SpecificationTest): string | undefined {
  return rows.find(
    (row) =>
      (row.file === undefined || row.file === file.description) &&
      (row.test === undefined || row.test.test(test.description)) &&
      (row.holds === undefined ||
        row.holds.test(JSON.stringify([file.createEntities ?? [], test.operations]))),
  )?.reason;
}
