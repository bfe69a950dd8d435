import { DocumentWriter } from '../bson/index.ts';
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

  /** `{match, idx, captures}`; `idx` counts code points, a group that took no part is null. */
  next(found: RegExpMatchArray): Value {
    const position = found.index!;
    this.#codePoints += codePoints(found.input!, this.#position, position);
    this.#position = position;
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.raw('match', textValue(found[0]));
    writer.raw('idx', intValue(this.#codePoints));
    const groups = found.slice(1).map((one) => (one === undefined ? undefined : textValue(one)));
    writer.raw('captures', arrayValue(groups));
    writer.end();
    return documentValue(writer.finish());
  }
}
