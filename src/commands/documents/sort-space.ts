import type { SortSpace } from '../../plan/index.ts';
import type { CommandContext } from '../command.ts';

/** What the sorts of a command may take, whose client asked for this; undefined: did not say. */
export function sortSpaceOf(
  { database, parameters }: Pick<CommandContext, 'database' | 'parameters'>,
  allowDiskUse: boolean | undefined,
): SortSpace {
  const isAllowed = allowDiskUse ?? parameters.get('allowDiskUseByDefault')?.get() === true;
  return {
    memoryLimitBytes: Number(parameters.get('internalQueryMaxBlockingSortMemoryUsageBytes')?.get()),
    openSpill: isAllowed ? () => database.openSpill() : undefined,
  };
}
