/**
 * The table of commands, alphabetical. A line here is all it takes to register one: `dispatch`,
 * `listCommands` and the counters derive everything else from the declaration.
 */
import type { Command } from './command.ts';
import { dataCommands } from './data-commands.ts';
import { ping } from './ping.ts';

export const commands: readonly Command[] = [...dataCommands, ping];

/** By every spelling a client may use. */
export const commandTable: ReadonlyMap<string, Command> = new Map(
  commands.flatMap((command) =>
    [command.name, ...(command.aliases ?? [])].map((name): [string, Command] => [name, command]),
  ),
);
