import { type Keyword, objectOf, textArgument } from '../keyword.ts';

function text(name: string): Keyword {
  return {
    name,
    parse(value) {
      textArgument(name, value);
      return undefined;
    },
  };
}

/** Both stand in errInfo and change nothing else. */
export const title = text('title');
export const description = text('description');

/** `encryptMetadata`: how clients find their keys; the server only passes it on. */
export const encryptMetadata: Keyword = {
  name: 'encryptMetadata',
  parse(value) {
    objectOf('encryptMetadata', value);
    return undefined;
  },
};
