/**
 * The log: one line per event, in the JSON shape of mongod (t, s, c, id, ctx, msg, attr), or
 * readable when a person watches. The only file that imports pino.
 *
 * It keeps the last lines in memory for the getLog command. It deliberately has no log files of
 * its own to rotate beyond the one it is given.
 */
import pino from 'pino';
import pretty from 'pino-pretty';

/** MongoDB's names for the parts of a server that log. */
export type LogComponent =
  | 'ACCESS'
  | 'COMMAND'
  | 'CONTROL'
  | 'ELECTION'
  | 'INDEX'
  | 'INITSYNC'
  | 'NETWORK'
  | 'QUERY'
  | 'REPL'
  | 'REPL_HB'
  | 'ROLLBACK'
  | 'STORAGE'
  | 'WRITE';

export type LogAttributes = Readonly<Record<string, unknown>>;

type Write = (component: LogComponent, message: string, attributes?: LogAttributes) => void;

export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warning: Write;
  readonly error: Write;
  /** The last lines written, oldest first, as JSON text. */
  recent(kind: 'global' | 'startupWarnings'): readonly string[];
  /** A warning that mongosh shows to everybody who connects. */
  startupWarning(message: string): void;
}

export interface LogOptions {
  /** A file to append to; stdout when left out. */
  readonly path?: string;
  readonly append?: boolean;
  /** 0 shows what mongod shows by default, 1 and more add debug lines. */
  readonly verbosity?: number;
  /** Leaves out the comings and goings of connections. */
  readonly quiet?: boolean;
  /** Readable lines in place of JSON; default: when stdout is a terminal. */
  readonly readable?: boolean;
  /** Written in front of readable lines, to tell members on one terminal apart. */
  readonly name?: string;
}

const recentLinesMax = 1024;
/** As much as mongod shows of an attribute (its default maxLogSizeKB): documents of clients may be in one. */
const attributeCharactersMax = 10 * 1024;

const severities: Readonly<Record<number, string>> = { 20: 'D1', 30: 'I', 40: 'W', 50: 'E' };

interface PinoLine {
  readonly level: number;
  readonly time: number;
  readonly c: string;
  readonly msg: string;
  readonly attr?: Record<string, unknown>;
  readonly truncated?: Record<string, unknown>;
}

/** mongod's line for what pino made: its field order, its date shape. */
function toMongoLine(line: PinoLine): string {
  return JSON.stringify({
    t: { $date: new Date(line.time).toISOString().replace('Z', '+00:00') },
    s: severities[line.level] ?? 'I',
    c: line.c,
    id: messageId(line.msg),
    ctx: 'main',
    msg: line.msg,
    ...(line.attr === undefined ? {} : { attr: line.attr }),
    ...(line.truncated === undefined ? {} : { truncated: line.truncated }),
  });
}

/** Ids other programs look for; the rest are numbered by their text so that they stay the same. */
const wellKnownIds: Readonly<Record<string, number>> = {
  'Waiting for connections': 23016,
  'Transition to primary complete; database writes are now permitted': 21331,
};

function messageId(message: string): number {
  const known = wellKnownIds[message];
  if (known !== undefined) return known;
  let hash = 0;
  for (let i = 0; i < message.length; i++) hash = (hash * 31 + message.charCodeAt(i)) % 900_000;
  return 9_000_000 + hash;
}

function jsonSafe(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) {
    const { message, stack, cause } = value;
    return cause === undefined ? { message, stack } : { message, stack, cause };
  }
  return value;
}

/** Attributes as plain JSON, and of those that were cut what they were, as mongod says it. */
function readableAttributes(attributes: LogAttributes): Pick<PinoLine, 'attr' | 'truncated'> {
  const attr: Record<string, unknown> = {};
  const truncated: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const text = JSON.stringify(value, jsonSafe) as string | undefined;
    if (text === undefined) continue;
    if (text.length <= attributeCharactersMax) {
      attr[name] = JSON.parse(text);
      continue;
    }
    const whole = typeof value === 'string' ? value : text;
    attr[name] = whole.slice(0, attributeCharactersMax);
    truncated[name] = { type: typeof value, size: whole.length };
  }
  return Object.keys(truncated).length === 0 ? { attr } : { attr, truncated };
}

/** Opens the log. Throws when the file cannot be opened. */
export function openLog(options: LogOptions = {}): Log {
  const toTerminal = options.path === undefined;
  const readable = options.readable ?? (toTerminal && process.stdout.isTTY === true);
  const sink = pino.destination({
    dest: options.path ?? 1,
    append: options.append ?? true,
    sync: true,
  });
  const person = readable
    ? pretty({
        destination: sink,
        sync: true,
        colorize: toTerminal && process.stdout.isTTY === true && !process.env.NO_COLOR,
        translateTime: 'SYS:HH:MM:ss.l',
        ignore: 'c,attr,truncated',
        messageFormat: (line) => {
          const attributes = line.attr === undefined ? '' : ` ${JSON.stringify(line.attr)}`;
          const name = options.name === undefined ? '' : `${options.name} `;
          return `${name}${String(line.c).padEnd(8)} ${String(line.msg)}${attributes}`;
        },
      })
    : undefined;
  const recent: string[] = [];
  const warnings: string[] = [];
  const logger = pino(
    { base: null, messageKey: 'msg', level: (options.verbosity ?? 0) > 0 ? 'debug' : 'info' },
    {
      write(text: string) {
        const line = toMongoLine(JSON.parse(text) as PinoLine);
        recent.push(line);
        if (recent.length > recentLinesMax) recent.shift();
        if (person === undefined) sink.write(`${line}\n`);
        else person.write(text);
      },
    },
  );

  function writer(level: 'debug' | 'info' | 'warn' | 'error'): Write {
    return (component, message, attributes) => {
      if (options.quiet === true && component === 'NETWORK' && level === 'info') return;
      const said = attributes === undefined ? {} : readableAttributes(attributes);
      logger[level]({ c: component, ...said }, message);
    };
  }

  return {
    debug: writer('debug'),
    info: writer('info'),
    warning: writer('warn'),
    error: writer('error'),
    recent: (kind) => (kind === 'global' ? recent : warnings),
    startupWarning(message) {
      writer('warn')('CONTROL', message);
      warnings.push(recent.at(-1) as string);
    },
  };
}

/** A log that keeps its lines in memory and prints none, for tests and embedded members. */
export function silentLog(): Log {
  const nothing: Write = () => {};
  return {
    debug: nothing,
    info: nothing,
    warning: nothing,
    error: nothing,
    recent: () => [],
    startupWarning: () => {},
  };
}
