/**
 * Driver specification files against a replica set of three: `npm run specifications -- FOLDER`, or
 * the folder in the variable SPECIFICATIONS. Options: `--only TEXT` runs files or tests with that
 * text, `--uri URI` uses a server that runs already, with enableTestCommands.
 *
 * The files are those of github.com/mongodb/specifications, folder source; none is kept here.
 */
import { parseArgs } from 'node:util';
import { Cluster } from '../src/cluster/index.ts';
import { runFolder, summaryOf } from '../test/specifications/run-folder.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, uri: { type: 'string' } },
});
const folders = positionals.length > 0 ? positionals : [process.env.SPECIFICATIONS ?? ''];
if (folders.includes('')) {
  console.error('usage: npm run specifications -- FOLDER... [--only TEXT] [--uri URI]');
  process.exit(2);
}

const cluster =
  values.uri === undefined
    ? await Cluster.start({ setParameter: { enableTestCommands: '1' } })
    : undefined;
let failed = 0;
try {
  const uri = values.uri ?? cluster!.uri;
  for (const folder of folders) {
    const account = await runFolder(folder, { uri, only: values.only, print: console.log });
    console.log(`${folder}: ${summaryOf(account)}`);
    failed += account.failed;
  }
} finally {
  await cluster?.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
