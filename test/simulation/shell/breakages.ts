/**
 * Steps of the shell that a run may leave out, to show that the checkers see what each of them is for.
 * Each is taken out of one member's process when it starts; the product knows nothing of it.
 */
import { decodeDocument, encodeDocument } from '../../../src/bson/index.ts';
import { CommandBody } from '../../../src/commands/index.ts';
import type { Server } from './server.ts';

export const breakages = {
  /** Linearizable reads, and writes that change nothing, are answered without asking a majority (A3, A13). */
  unconfirmedReads({ replicaSet }: Server): void {
    const wait = replicaSet.awaitWriteConcern.bind(replicaSet);
    replicaSet.confirmLead = async () => {};
    replicaSet.awaitWriteConcern = async (position, concern, operation) =>
      position === undefined ? undefined : wait(position, concern, operation);
  },

  /** Majority reads see what is newest here (A4). */
  uncommittedReads({ database, replicaSet }: Server): void {
    replicaSet.prepareRead = async () => {};
    database.readViews = () => database.readView('local');
  },

  /** Majority writes are acknowledged as soon as they are here (A1). */
  hastyAcknowledgement({ replicaSet }: Server): void {
    replicaSet.awaitWriteConcern = async () => {};
  },

  /** A statement that is sent again is executed again (A11). */
  forgottenStatements({ dispatcher }: Server): void {
    const dispatch = dispatcher.dispatch.bind(dispatcher);
    dispatcher.dispatch = (request, connection) => {
      const { txnNumber: _, ...fields } = decodeDocument(request.body.buffer, request.body.start);
      const body = new CommandBody(encodeDocument(fields), 0);
      return dispatch({ ...request, body }, connection);
    };
  },

  /** One entry of a rollback is taken back without being kept in a file (A6). */
  unsavedRollbacks({ database }: Server): void {
    const undo = database.undoSlice.bind(database);
    database.undoSlice = (target, entriesMax, save, budgetMs) =>
      undo(target, entriesMax, (removed) => save?.(removed.slice(1)), budgetMs);
  },
} as const;

export type Breakage = keyof typeof breakages;
