/** The page that shows the comparison, and the marks around it. */
export const page = 'docs/algorithm.md';

const begin = '<!-- paper:begin -->';
const end = '<!-- paper:end -->';

export function withTable(text: string, table: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${page} has no ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

export function isCurrent(text: string, table: string): boolean {
  return withTable(text, table) === text;
}
