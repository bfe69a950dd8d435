import { replacing } from '../replacing.ts';

/** `$replaceAll`: every time the string is found. */
export const replaceAll = replacing('$replaceAll', (input, find, replacement) =>
  input.replaceAll(find, () => replacement),
);
