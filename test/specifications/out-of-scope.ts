/** Tests that say nothing about this server when they run with this driver, and why. */

interface Row {
  /** The description of the file. */
  readonly file: string;
  /** That of the tests; left out, all of the file are meant. */
  readonly test?: RegExp;
  readonly reason: string;
}

const rows: readonly Row[] = [
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

/** The reason not to run a test, by the descriptions of its file and its own. */
export function outOfScope(file: string, test: string): string | undefined {
  return rows.find((row) => row.file === file && (row.test === undefined || row.test.test(test)))
    ?.reason;
}
