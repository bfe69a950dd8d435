/** The text room: which words a text is found by, and how well. Pure. */
export { type Language, languageOf } from './language.ts';
export { matchesRest, matchesSearch } from './match.ts';
export { termScores } from './score.ts';
export { parseSearch, type TextSearch } from './search.ts';
export { type TextIndex, textIndexOf, textPaths } from './text-index.ts';
export type { TokenOptions } from './tokens.ts';
