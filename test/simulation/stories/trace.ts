/** What a member was when something happened. */
export interface MemberMoment {
  /** The role, `down`, or `hangs`. */
  readonly state: string;
  readonly isWritable: boolean;
  /** Of a primary: its term, or the second of its election. */
  readonly term: string;
  /** Names of the client's writes in its log. */
  readonly writes: readonly string[];
}

export interface Moment {
  /** Milliseconds of virtual time. */
  readonly at: number;
  /** The member that does it; nobody for what happens to the world. */
  readonly who: number | undefined;
  readonly what: string;
  readonly mark: 'write' | 'copy' | 'undo' | 'lead' | 'vote' | 'acknowledgement' | undefined;
  /** In a word or two. */
  readonly short: string | undefined;
  /** The other member, where something goes from one to the other. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly members: readonly MemberMoment[];
}

/** How words are set off on a terminal; plain text elsewhere. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const same = (text: string) => text;
const plain: Paint = { bold: same, dim: same, green: same, red: same, yellow: same };

/** A story as it happened, to print: one line per event, one column per member with its state, term and writes. */
export class Trace {
  readonly moments: Moment[] = [];
  #begunAt = 0;

  begin(now: number): void {
    this.#begunAt = now;
  }

  add(moment: Moment): void {
    this.moments.push(moment);
  }

  /** Seconds since the beginning. */
  seconds({ at }: Moment): string {
    return ((at - this.#begunAt) / 1000).toFixed(3);
  }

  lines(paint: Paint = plain): string[] {
    const [first] = this.moments;
    if (first === undefined) return [];
    const cells = this.moments.map((moment) => moment.members.map(cellOf));
    const widths = first.members.map((_, id) =>
      Math.max(3, ...cells.map((row) => row[id]!.length)),
    );
    const events = this.moments.map(eventOf);
    const eventWidth = Math.max(...events.map((text) => text.length));
    const head = widths.map((width, id) => `n${id}`.padEnd(width)).join(' | ');
    const title = `${'seconds'.padStart(8)}  ${'what happens'.padEnd(eventWidth)} | ${head}`;
    const rows = this.moments.map((moment, row) => {
      const states = widths.map((width, id) => {
        const text = cells[row]![id]!.padEnd(width);
        return paintCell(paint, moment.members[id]!, text);
      });
      const event = events[row]!.padEnd(eventWidth);
      const shown = paintEvent(paint, moment, event);
      return `${paint.dim(this.seconds(moment).padStart(8))}  ${shown} | ${states.join(' | ')}`;
    });
    return [paint.bold(title.trimEnd()), ...rows.map((row) => row.trimEnd())];
  }
}

const shortNames: Readonly<Record<string, string>> = {
  secondary: '·',
  candidate: '·',
  rollback: 'ROLLBACK',
  recovering: 'FATAL',
  down: 'down',
  hangs: 'hangs',
  primary: '·',
};

function cellOf({ state, isWritable, term, writes }: MemberMoment): string {
  const name = isWritable && state === 'primary' ? `PRIMARY ${term}` : (shortNames[state] ?? state);
  return [name, ...writes].join(' ');
}

function paintCell(paint: Paint, { state, isWritable }: MemberMoment, text: string): string {
  if (state === 'primary' && isWritable) return paint.green(text);
  if (state === 'rollback' || state === 'recovering') return paint.red(text);
  return state === 'down' || state === 'hangs' ? paint.dim(text) : text;
}

function eventOf({ who, what }: Moment): string {
  return who === undefined ? `-- ${what}` : `n${who} ${what}`;
}

function paintEvent(paint: Paint, { who, mark }: Moment, text: string): string {
  if (who === undefined) return paint.dim(text);
  if (mark === 'undo') return paint.red(text);
  if (mark === 'acknowledgement') return paint.bold(paint.green(text));
  return mark === 'vote' ? paint.yellow(text) : text;
}
