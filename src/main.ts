#!/usr/bin/env node
/**
 * `arkd`: one member as one process. Reads the options, starts the member, ends it on a signal.
 *
 * Exit codes are mongod's: 0 a clean end, 1 the log or pid file cannot be written, 2 wrong options, 48 the
 * port is taken, 100 the data cannot be used. A fault of ours, or a flush that failed, ends the process by SIGKILL: the set survives a
 * member's death, and nothing may run on after a lost write.
 */
import { writeFileSync } from 'node:fs';
import { Member } from './cluster/member.ts';
import { StartError } from './cluster/member-store.ts';
import { arksetVersion, serverVersion } from './commands/diagnostics/version.ts';
import { type Log, openLog } from './log.ts';
import { helpText, OptionError, parseCommandLine, type ServerOptions } from './options/index.ts';

const exitCodes = { fileUnwritable: 1, badOption: 2, portTaken: 48, dataUnusable: 100 } as const;

/** A clean end that takes longer than this is cut short, in milliseconds. */
const shutdownTimeoutMs = 30_000;

async function main(argv: readonly string[]): Promise<void> {
  const commandLine = parseCommandLine(argv);
  switch (commandLine.kind) {
    case 'help':
      console.log(helpText());
      return;
    case 'version':
      console.log(`db version v${serverVersion}\narkset version ${arksetVersion}`);
      return;
    case 'run':
      await run(commandLine.options, argv);
  }
}

async function run(options: ServerOptions, argv: readonly string[]): Promise<void> {
  const log = orEnd('open log file', options.logPath, () =>
    openLog({
      ...(options.logPath === undefined ? {} : { path: options.logPath }),
      append: options.logAppend,
      verbosity: options.verbosity,
      quiet: options.quiet,
    }),
  );
  dieOnFaults(log);
  log.info('CONTROL', 'arkd starting', {
    version: arksetVersion,
    pid: process.pid,
    port: options.port,
    dbPath: options.dbPath,
    node: process.version,
  });
  const { pidFilePath } = options;
  if (pidFilePath !== undefined) {
    orEnd('write pid file', pidFilePath, () => writeFileSync(pidFilePath, `${process.pid}\n`));
  }
  for (const warning of options.warnings) log.startupWarning(warning);
  log.startupWarning(
    'Access control is not enabled for the database. Read and write access to data and configuration is unrestricted',
  );
  const starting = Member.start({ ...options, log, argv });
  const end = endOnSignals(starting, log);
  try {
    const member = await starting;
    member.onShutdownCommand = () => end('shutdown command');
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log.error('CONTROL', 'DBException in initAndListen', { error: error.message });
    if (options.logPath !== undefined) console.error(`arkd: ${error.message}`);
    process.exit(exitCodes[error.reason]);
  }
}

/** Does what needs a file that the command line names, or ends with one line that says why not. */
function orEnd<Result>(what: string, path: string | undefined, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    console.error(`FileNotOpen: Failed to ${what} ${path}: ${(error as Error).message}`);
    process.exit(exitCodes.fileUnwritable);
  }
}

/** A signal that comes while the member starts ends it as soon as it has. Returns what ends it. */
function endOnSignals(starting: Promise<Member>, log: Log): (reason: string) => void {
  let isEnding = false;
  const end = (reason: string): void => {
    if (isEnding) return;
    isEnding = true;
    log.info('CONTROL', 'Shutting down', { reason });
    setTimeout(() => {
      log.error('CONTROL', 'The shutdown takes too long: ending at once');
      process.kill(process.pid, 'SIGKILL');
    }, shutdownTimeoutMs).unref();
    const stopped = starting.then(
      (member) => member.stop(),
      () => new Promise<void>(() => {}), // The one who started it ends the process with its code.
    );
    void stopped.then(() => {
      log.info('CONTROL', 'Now exiting', { exitCode: 0 });
      process.exit(0);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => end(signal));
  }
  return end;
}

function dieOnFaults(log: Log): void {
  const die = (error: unknown): void => {
    log.error('CONTROL', 'A fault of ours: ending at once', { error });
    process.kill(process.pid, 'SIGKILL');
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof OptionError)) throw error;
  console.error(`${error.message}\ntry 'arkd --help' for more information`);
  process.exit(exitCodes.badOption);
});
