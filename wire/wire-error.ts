/**
 * Bytes that are no message of the protocol. `closes` tells whether the stream can still be
 * trusted: if not, the connection is closed without a reply; else the sender is answered with
 * `codeName` and the next message is read.
 */
export class WireError extends Error {
  readonly codeName: WireErrorCodeName;
  readonly closes: boolean;

  constructor(message: string, options: { codeName?: WireErrorCodeName; closes?: boolean } = {}) {
    super(message);
    this.name = 'WireError';
    this.codeName = options.codeName ?? 'ProtocolError';
    this.closes = options.closes ?? false;
  }
}

export type WireErrorCodeName =
  | 'ProtocolError'
  | 'InvalidBSON'
  | 'InvalidLength'
  | 'BSONObjectTooLarge';
