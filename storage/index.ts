/** The storage room: ordered bytes, the tables made of them, and the small durable state beside them. */

export * from './byte-tree.ts';
export * from './catalog.ts';
export * from './checksum.ts';
export * from './drop-table.ts';
export * from './durable-state.ts';
export * from './engine.ts';
export * from './index-scan.ts';
export * from './index-table.ts';
export * from './key-parts.ts';
export * from './lmdb-engine.ts';
export * from './lock-file.ts';
export * from './memory-engine.ts';
export * from './meta-table.ts';
export * from './oplog-table.ts';
export * from './record-lookup.ts';
export * from './record-store.ts';
export * from './session-table.ts';
export * from './spill-file.ts';
export * from './stat-table.ts';
