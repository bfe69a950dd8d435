/** How the text of a date names its zone: an offset, or one of the abbreviations timelib knows best. */

/** Hours east of UTC. */
const abbreviations: ReadonlyMap<string, number> = new Map([
  ['utc', 0],
  ['gmt', 0],
  ['z', 0],
  ['wet', 0],
  ['bst', 1],
  ['cet', 1],
  ['cest', 2],
  ['eet', 2],
  ['eest', 3],
  ['msk', 3],
  ['west', 1],
  ['est', -5],
  ['edt', -4],
  ['cst', -6],
  ['cdt', -5],
  ['mst', -7],
  ['mdt', -6],
  ['pst', -8],
  ['pdt', -7],
  ['akst', -9],
  ['akdt', -8],
  ['hst', -10],
  ['jst', 9],
  ['kst', 9],
  ['ist', 2],
  ['aest', 10],
  ['aedt', 11],
  ['acst', 9.5],
  ['awst', 8],
  ['nzst', 12],
  ['nzdt', 13],
  // The military letters, without J.
  ...[...'abcdefghiklm'].map((letter, at) => [letter, at + 1] as [string, number]),
  ...[...'nopqrstuvwxy'].map((letter, at) => [letter, -at - 1] as [string, number]),
]);

export interface ZoneText {
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation?: string;
  /** Characters read. */
  readonly length: number;
}

const offsetPattern =
  /^(?:GMT|UTC)?([+-])(?:(\d{2}):?(\d{2})(?::?(\d{2}))?|(\d):?(\d{2})|(\d{1,2}))/i;

/** The zone at the start of `text`; undefined when there is none that is known. */
export function zoneAtStart(text: string): ZoneText | undefined {
  const offset = offsetPattern.exec(text);
  if (offset !== null) {
    const [all, sign, hours, minutes, seconds = '0', hour, minute, alone = '0'] = offset;
    const total =
      Number(hours ?? hour ?? alone) * 3600 +
      Number(minutes ?? minute ?? '0') * 60 +
      Number(seconds);
    return { offset: sign === '-' ? -total : total, length: all.length };
  }
  const word = /^\(?([a-z]{1,6})\)?/i.exec(text);
  const hours = word === null ? undefined : abbreviations.get(word[1]!.toLowerCase());
  if (hours === undefined) return undefined;
  return {
    offset: hours * 3600,
    abbreviation: word![1]!.toUpperCase(),
    length: word![0].length,
  };
}
