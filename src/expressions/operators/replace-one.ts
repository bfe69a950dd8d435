import { replacing } from '../replacing.ts';

/** `$replaceOne`: the first time the string is found. */
export const replaceOne = replacing('$replaceOne', (input, find, replacement) =>
  input.replace(find, () => replacement),
);
