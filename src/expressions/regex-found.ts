import { DocumentWriter } from '../bson/index.ts';
import { type PatternGroups, startOf } from './regex-groups.ts';
import { arrayValue, documentValue, intValue, textValue, type Value } from './value.ts';

/** Code points between two positions of a string in UTF-16. */
function codePoints(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at);
    // The second half of a pair belongs to the first.
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

/** Places in one string, told in the order in which they stand: what lies between is counted once. */
export class FoundPlaces {
  #position = 0;
  #codePoints = 0;
  readonly #groups: PatternGroups;

  constructor({ groups }: { readonly groups: PatternGroups }) {
    this.#groups = groups;
  }

  /** `{match, idx, captures}`; `idx` counts code points, a group that took no part is null. */
  next(found: RegExpMatchArray): Value {
    const position = startOf(found, this.#groups);
    const end = found.index! + found[0].length;
    this.#codePoints += codePoints(found.input!, this.#position, position);
    this.#position = position;
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.raw('match', textValue(found.input!.slice(position, end)));
    writer.raw('idx', intValue(this.#codePoints));
    const groups = this.#groups.own.map((at) => {
      const text = found[at];
      return text === undefined ? undefined : textValue(text);
    });
    writer.raw('captures', arrayValue(groups));
    writer.end();
    return documentValue(writer.finish());
  }
}
