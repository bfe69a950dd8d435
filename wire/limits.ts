/** Sizes of the protocol; clients are told them by `hello`. */

/** A user's document, in bytes. */
export const maxBsonObjectSize = 16_777_216;

/** What the server allows itself on top: commands and oplog entries around a document. */
export const maxInternalBsonObjectSize = maxBsonObjectSize + 16 * 1024;

/** A whole message with its header, compressed or not, in bytes. */
export const maxMessageSizeBytes = 48_000_000;

/** Statements in one write command. */
export const maxWriteBatchSize = 100_000;

/** We speak OP_MSG as 8.0 does, and the handshake of any client. */
export const minWireVersion = 0;
export const maxWireVersion = 25;

/** Document sequences in one OP_MSG (bulkWrite needs two). */
export const maxDocumentSequences = 2;
