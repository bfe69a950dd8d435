import type { MemberMoment, Moment, Trace } from './trace.ts';

/** A trace as a sequence diagram: time goes down, one line per member. The steps are even, not to scale. */
export interface Panel {
  readonly title: string;
  readonly verdict: string;
  readonly trace: Trace;
}

const column = 92;
const row = 24;
const left = 62;
/** For words beside the last line. */
const right = 28;
const top = 92;
const gap = 36;

const ink = '#1f2933';
const grey = '#9aa5b1';
const colours = { lead: '#2f9e44', vote: '#b7791f', undo: '#c92a2a', copy: '#1c5d99' } as const;

/** Panels side by side, as SVG. */
export function diagram(heading: string, panels: readonly Panel[]): string {
  const shown = panels.map((panel) => ({ ...panel, moments: worthShowing(panel.trace) }));
  const members = shown[0]?.moments[0]?.members.length ?? 0;
  const panelWidth = left + members * column + right;
  const width = panels.length * panelWidth + (panels.length - 1) * gap;
  const rows = Math.max(...shown.map(({ moments }) => moments.length));
  const height = top + (rows + 1) * row;
  const parts = shown.map(({ title, verdict, moments, trace }, i) => {
    const body = [
      text(left - 30, 46, title, 'font-size="15" font-weight="600"'),
      text(left - 30, 64, verdict, `fill="${ink}"`),
      ...lifelines(moments),
      ...moments.map((moment, at) => event(moment, y(at), trace.seconds(moment), panelWidth)),
    ];
    return `<g transform="translate(${i * (panelWidth + gap)},0)">${body.join('\n')}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12" fill="${ink}">`,
    `<title>${escaped(heading)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>',
    text(left - 30, 22, heading, 'font-size="17" font-weight="700"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Bands show the states; what they show needs no line of its own. */
function worthShowing({ moments }: Trace): Moment[] {
  return moments.filter(
    ({ what }, i) =>
      what !== 'rolls back' && what !== 'the end' && !(i > 6 && isRepair(moments, i)),
  );
}

/** The network is made whole again at the end, whether it was cut or not. */
function isRepair(moments: readonly Moment[], i: number): boolean {
  return moments[i]!.what === 'the network is whole' && i >= moments.length - 2;
}

function y(at: number): number {
  return top + (at + 0.5) * row;
}

function x(id: number): number {
  return left + (id + 0.5) * column;
}

function lifelines(moments: readonly Moment[]): string[] {
  const [first] = moments;
  return (first?.members ?? []).flatMap((_, id) => {
    const head = text(x(id), top - 8, `n${id}`, 'text-anchor="middle" font-weight="600"');
    const segments = moments.map((moment, at) => segment(moment.members[id]!, x(id), y(at)));
    return [head, ...segments];
  });
}

/** What the member is from this event to the next. */
function segment({ state, isWritable }: MemberMoment, at: number, from: number): string {
  const line = (colour: string, width: number, more = '') =>
    `<path d="M${at} ${from}v${row}" stroke="${colour}" stroke-width="${width}" ${more}/>`;
  if (state === 'hangs' || state === 'down') return line(grey, 2, 'stroke-dasharray="2 5"');
  if (state === 'rollback' || state === 'recovering') return line(colours.undo, 5);
  return state === 'primary' && isWritable ? line(colours.lead, 7) : line(grey, 2);
}

function event(moment: Moment, at: number, seconds: string, width: number): string {
  const { who, what, short, mark, from, to } = moment;
  const time = text(left - 14, at + 4, seconds, `text-anchor="end" fill="${grey}" font-size="10"`);
  if (who === undefined) {
    const rule = `<path d="M${left} ${at}H${width}" stroke="${grey}" stroke-dasharray="1 3"/>`;
    const box = `<rect x="${left}" y="${at - 9}" width="${what.length * 6.4 + 8}" height="18" fill="#ffffff"/>`;
    return time + rule + box + text(left + 4, at + 4, what, 'font-style="italic"');
  }
  if (from !== undefined) return time + arrow(from, who, at, short ?? '', colours.copy);
  if (to !== undefined) return time + arrow(who, to, at, short ?? '', colours.vote);
  const colour = mark === 'undo' ? colours.undo : mark === 'acknowledgement' ? colours.lead : ink;
  const weight = mark === 'acknowledgement' || mark === 'undo' ? 'font-weight="700"' : '';
  const dot = `<circle cx="${x(who)}" cy="${at}" r="4" fill="${colour}"/>`;
  return time + dot + label(x(who) + 9, at + 4, short ?? what, colour, weight);
}

function arrow(from: number, to: number, at: number, what: string, colour: string): string {
  const side = to > from ? 1 : -1;
  const start = x(from) + 5 * side;
  const end = x(to) - 6 * side;
  const path = `<path d="M${start} ${at}H${end}" stroke="${colour}" stroke-width="1.5" marker-end="url(#tip)"/>`;
  return (
    path + label(x(to) - 30 * side, at - 5, what, colour, 'text-anchor="middle" font-size="11"')
  );
}

/** With a white rim, so that lines behind it do not disturb. */
function label(at: number, base: number, what: string, colour: string, more = ''): string {
  const rim = 'stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"';
  return text(at, base, what, `fill="${colour}" ${rim} ${more}`);
}

function text(at: number, base: number, what: string, more = ''): string {
  return `<text x="${at}" y="${base}" ${more}>${escaped(what)}</text>`;
}

function escaped(what: string): string {
  return what.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
