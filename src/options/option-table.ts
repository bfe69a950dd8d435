/**
 * The options of arkd: their names on the command line, their places in the YAML file, their types
 * and their help lines.
 */

export type OptionType = 'string' | 'integer' | 'flag' | 'count' | 'assignments';

export interface OptionRow {
  readonly name: string;
  readonly yaml?: string;
  readonly type: OptionType;
  readonly argument?: string;
  readonly help: string;
  /** Why it changes nothing here: taken, because people's scripts say it, and warned about. */
  readonly noEffect?: string;
  /** Why it is not taken. */
  readonly refused?: string;
}

export const optionTable: readonly OptionRow[] = [
  {
    name: 'bind_ip',
    yaml: 'net.bindIp',
    type: 'string',
    argument: 'ADDRESSES',
    help: 'addresses to listen on, separated by commas (default 127.0.0.1)',
  },
  { name: 'bind_ip_all', yaml: 'net.bindIpAll', type: 'flag', help: 'listen on all addresses' },
  {
    name: 'config',
    type: 'string',
    argument: 'FILE',
    help: 'read options from a YAML file; the command line has the last word',
  },
  {
    name: 'dbpath',
    yaml: 'storage.dbPath',
    type: 'string',
    argument: 'FOLDER',
    help: 'where the data is kept; must exist (default /data/db)',
  },
  { name: 'help', type: 'flag', help: 'say this and end' },
  {
    name: 'logappend',
    yaml: 'systemLog.logAppend',
    type: 'flag',
    help: 'add to the log file in place of starting it anew',
  },
  {
    name: 'logpath',
    yaml: 'systemLog.path',
    type: 'string',
    argument: 'FILE',
    help: 'log to a file (default standard output)',
  },
  {
    name: 'maxConns',
    yaml: 'net.maxIncomingConnections',
    type: 'integer',
    argument: 'N',
    help: 'how many connections are taken at most',
  },
  {
    name: 'networkMessageCompressors',
    yaml: 'net.compression.compressors',
    type: 'string',
    argument: 'NAMES',
    help: 'compressors clients may choose, or disabled (default snappy,zstd,zlib)',
  },
  {
    name: 'noauth',
    type: 'flag',
    help: 'ask nobody for a password, as is the case anyway: there is no authentication yet',
  },
  {
    name: 'noscripting',
    type: 'flag',
    help: 'run no JavaScript of clients, whatever the file says',
  },
  {
    name: 'oplogSize',
    yaml: 'replication.oplogSizeMB',
    type: 'integer',
    argument: 'MB',
    help: 'how large the oplog may grow',
  },
  {
    name: 'pidfilepath',
    yaml: 'processManagement.pidFilePath',
    type: 'string',
    argument: 'FILE',
    help: 'write the process id to a file',
  },
  {
    name: 'port',
    yaml: 'net.port',
    type: 'integer',
    argument: 'PORT',
    help: 'port to listen on, 0 for any that is free (default 27017)',
  },
  { name: 'quiet', yaml: 'systemLog.quiet', type: 'flag', help: 'do not log connections' },
  {
    name: 'replSet',
    yaml: 'replication.replSetName',
    type: 'string',
    argument: 'NAME',
    help: 'be a member of the replica set of this name',
  },
  {
    name: 'scripting',
    yaml: 'security.javascriptEnabled',
    type: 'flag',
    help: 'run JavaScript of clients, in a sandbox: $where, $function, $accumulator',
  },
  {
    name: 'setParameter',
    yaml: 'setParameter',
    type: 'assignments',
    argument: 'NAME=VALUE',
    help: 'set a server parameter; may be given several times',
  },
  {
    name: 'storageEngine',
    yaml: 'storage.engine',
    type: 'string',
    argument: 'ENGINE',
    help: 'lmdb (default; wiredTiger means the same) or inMemory, which forgets everything at its end',
  },
  { name: 'verbose', yaml: 'systemLog.verbosity', type: 'count', help: 'log more; also -v' },
  { name: 'version', type: 'flag', help: 'say the version and end' },
  ...optionsWithoutEffect(),
  ...refusedOptions(),
];

function optionsWithoutEffect(): OptionRow[] {
  const help = 'taken with a warning: ';
  const row = (
    name: string,
    yaml: string | undefined,
    type: OptionType,
    noEffect: string,
  ): OptionRow => ({
    name,
    ...(yaml === undefined ? {} : { yaml }),
    type,
    ...(type === 'flag' ? {} : { argument: 'VALUE' }),
    help: `${help}${noEffect}`,
    noEffect,
  });
  return [
    row('journal', 'storage.journal.enabled', 'flag', 'every acknowledged write is durable'),
    row('nojournal', undefined, 'flag', 'every acknowledged write is durable'),
    row('directoryperdb', 'storage.directoryPerDB', 'flag', 'all data is in one store'),
    row(
      'wiredTigerCacheSizeGB',
      'storage.wiredTiger.engineConfig.cacheSizeGB',
      'string',
      "the cache is the operating system's",
    ),
    row(
      'enableMajorityReadConcern',
      'replication.enableMajorityReadConcern',
      'string',
      'read concern majority is always there',
    ),
    row('nounixsocket', undefined, 'flag', 'there is no socket in the file system'),
    row('timeZoneInfo', 'processManagement.timeZoneInfo', 'string', 'time zones come with Node.js'),
  ];
}

function refusedOptions(): OptionRow[] {
  const row = (
    name: string,
    yaml: string | undefined,
    type: OptionType,
    refused: string,
  ): OptionRow => ({
    name,
    ...(yaml === undefined ? {} : { yaml }),
    type,
    help: `refused: ${refused}`,
    refused,
  });
  return [
    row('auth', 'security.authorization', 'flag', 'authentication is not implemented yet'),
    row('keyFile', 'security.keyFile', 'string', 'authentication is not implemented yet'),
    row('tlsMode', 'net.tls.mode', 'string', 'TLS is not implemented yet'),
    row('sslMode', 'net.ssl.mode', 'string', 'TLS is not implemented yet'),
    row('fork', 'processManagement.fork', 'flag', 'a service manager keeps arkd running'),
    row('shardsvr', 'sharding.clusterRole', 'flag', 'sharding is not supported'),
    row('configsvr', undefined, 'flag', 'sharding is not supported'),
  ];
}
