/** Kept until `src/database/query-room.ts` reads from the query room itself. */
export * from '../query/index.ts';
