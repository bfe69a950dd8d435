/** How much a document is about its terms; a term's score stands beside it in the index. */
import { type DocumentText, textsOf } from './document-texts.ts';
import type { TextIndex } from './text-index.ts';
import { termsOf } from './tokens.ts';

/**
 * The scores of the terms of the document at `start`: their sums over its texts. In one text the n-th
 * occurrence of a term counts 1 / 2^(n-1), that as a share of the text (from a half, for one word of
 * many, to the whole), and a tenth more when the term is all of the text.
 */
export function termScores(index: TextIndex, buffer: Buffer, start: number): Map<string, number> {
  const scores = new Map<string, number>();
  for (const text of textsOf(index, buffer, start)) addScores(text, scores);
  return scores;
}

function addScores({ text, language, weight }: DocumentText, scores: Map<string, number>): void {
  const terms = termsOf(text, language);
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const [term, count] of counts) {
    const frequency = 2 - 2 ** (1 - count);
    const share = (0.5 * count) / terms.length + 0.5;
    const boost = isSame(term, text) ? 1.1 : 1;
    scores.set(term, (scores.get(term) ?? 0) + weight * frequency * share * boost);
  }
}

/** But for the case of the letters of ASCII. */
function isSame(term: string, text: string): boolean {
  return term.length === text.length && inLowerAscii(term) === inLowerAscii(text);
}

function inLowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
