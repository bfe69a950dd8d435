/**
 * What a command may know and change about the connection it came over. The server's connection
 * implements it; a test may pass a plain object.
 */
export interface ClientConnection {
  /** Rising number, `connectionId` of hello; logs print it as `conn12`. */
  readonly id: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly openedAt: Date;
  /** The `client` document of the first hello; set once. */
  metadata: Buffer | undefined;
  /** Short description of the driver and application, for logs and currentOp. */
  appName: string;
  /** The other side asked for helloOk with its handshake. */
  helloOk: boolean;
  /** Compressor names both sides know, in the client's order. */
  compressors: readonly string[];
  /** Undefined before login, and always while authentication is off. */
  user: string | undefined;
  /** Another member of the set, proven by its handshake. */
  isMember: boolean;
  /** Closes the socket at once; nothing more is sent. */
  destroy(): void;
}
