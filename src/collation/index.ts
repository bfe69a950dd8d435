/** Collations: the document that names one, and the order of text it makes. Pure. */
export type { LocaleCollation } from './collation.ts';
export { type GivenCollation, parseCollation } from './parse-collation.ts';
