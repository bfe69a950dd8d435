/** The commands for search indexes: known, and refused as by a mongod without the search engine. */
import { searchIndexesNotEnabled } from '../../aggregation/index.ts';
import { type Command, defineCommand } from '../command.ts';

const names: readonly string[] = [
  'createSearchIndexes',
  'dropSearchIndex',
  'listSearchIndexes',
  'updateSearchIndex',
];

export const searchIndexCommands: readonly Command[] = names.map((name) =>
  defineCommand({
    name,
    help: 'Refused: there is no search engine.',
    access: 'admin',
    runsOn: 'anyMember',
    parse(): never {
      throw searchIndexesNotEnabled();
    },
    run: () => ({}),
  }),
);
