/** Which characters an atom of a JavaScript regular expression can match: a bit for each of ASCII, one for all others. */
export type CharSet = bigint;

export const noChars: CharSet = 0n;
const others: CharSet = 1n << 128n;

/** Known sets, by flags and text: patterns of one program use the same few classes. */
const known = new Map<string, CharSet>();
const knownMax = 512;

/** A set that holds all characters of the atom, and perhaps some outside of ASCII that it does not match. */
export function charSet(atom: string, flags: string): CharSet {
  const key = `${flags}/${atom}`;
  let set = known.get(key);
  if (set === undefined) {
    set = read(atom, flags);
    if (known.size === knownMax) known.clear();
    known.set(key, set);
  }
  return set;
}

function read(atom: string, flags: string): CharSet {
  const regex = new RegExp(`^${atom}$`, flags);
  // Otherwise the atom is a list of ASCII characters; two of them have other forms outside of ASCII.
  const plain = atom.replace(/\\(?:x[0-7].|[dwtnrfv0]|[^A-Za-z0-9])/g, '');
  const isBeyond = /\\|\[\^|[^\0-\x7f]/.test(plain);
  let set = isBeyond ? others : noChars;
  for (let code = 0; code < 128; code++) {
    if (!regex.test(String.fromCharCode(code))) continue;
    set |= 1n << BigInt(code);
    if (flags.includes('i') && 'kKsS'.includes(String.fromCharCode(code))) set |= others;
  }
  return set;
}
