import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Expression, Scope, SpecialOperator } from '../expression.ts';
import { isMetaWord, type MetaWord } from '../metadata.ts';
import { doubleValue, longValue, type MaybeValue, textOf } from '../value.ts';

/** `$meta`: what the query knows of the document; missing when it knows nothing. */
export const meta: SpecialOperator = {
  kind: 'special',
  name: '$meta',
  parse(argument, { metaWords }): Expression {
    if (argument.type !== BsonType.string) {
      throw new MongoServerError(17307, '$meta only supports string arguments');
    }
    const word = textOf(argument);
    if (!isMetaWord(word)) {
      throw new MongoServerError(17308, `Unsupported argument to $meta: ${word}`);
    }
    metaWords.add(word);
    return { isConstant: false, evaluate: (scope) => knownOf(word, scope) };
  },
};

function knownOf(word: MetaWord, { metadata }: Scope): MaybeValue {
  if (metadata === undefined) return undefined;
  switch (word) {
    case 'textScore':
    case 'geoNearDistance':
      return metadata[word] === undefined ? undefined : doubleValue(metadata[word]);
    case 'recordId':
      return metadata.recordId === undefined ? undefined : longValue(BigInt(metadata.recordId));
    case 'geoNearPoint':
    case 'indexKey':
    case 'sortKey':
      return metadata[word];
    default:
      return undefined;
  }
}
