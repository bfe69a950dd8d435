/**
 * Line charts as SVG text: axes with units, legend, readable on light and dark pages. Series are told apart by
 * colour and by dashes, so that neither is needed to see.
 */

export interface Axis {
  /** With the unit: `time without a primary, ms`. */
  readonly label: string;
  readonly scale: 'linear' | 'log';
  readonly from: number;
  readonly to: number;
  /** Where a line and a number stand. */
  readonly ticks: readonly number[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn as dots joined by lines, or as stairs (a cumulative distribution). */
  readonly shape: 'dots' | 'stairs';
}

export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const width = 720;
const height = 420;
const left = 76;
const right = 24;
const top = 48;
const bottom = 60;
const legendLine = 20;

const strokes = [
  { light: '#0969da', dark: '#58a6ff', dash: '' },
  { light: '#bc4c00', dark: '#f0883e', dash: '7 4' },
  { light: '#1a7f37', dark: '#3fb950', dash: '2 4' },
  { light: '#8250df', dark: '#bc8cff', dash: '10 3 2 3' },
  { light: '#cf222e', dark: '#ff7b72', dash: '4 2' },
  { light: '#57606a', dark: '#8b949e', dash: '1 3' },
] as const;

export function svgOf(chart: Chart): string {
  const legendHeight = Math.ceil(chart.series.length / 2) * legendLine;
  const total = height + legendHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" role="img" aria-label="${escaped(chart.title)}" font-family="system-ui, sans-serif" font-size="13">`,
    style(chart.series.length),
    `<rect class="page" width="${width}" height="${total}" rx="6"/>`,
    `<text class="title" x="${left}" y="28">${escaped(chart.title)}</text>`,
    ...gridOf(chart),
    ...chart.series.map((series, index) => curve(chart, series, index)),
    ...chart.series.map((series, index) => legendEntry(series, index)),
    '</svg>',
    '',
  ].join('\n');
}

function style(count: number): string {
  const used = strokes.slice(0, count);
  const colours = (theme: 'light' | 'dark') =>
    used
      .map((one, index) => `.s${index}{stroke:${one[theme]}}.d${index}{fill:${one[theme]}}`)
      .join('');
  const dashes = used
    .map(({ dash }, index) => (dash === '' ? '' : `.s${index}{stroke-dasharray:${dash}}`))
    .join('');
  const light =
    '.page{fill:#fff}text{fill:#24292f}.title{font-weight:600;font-size:15px}.grid{stroke:#d8dee4}.frame{stroke:#8c959f;fill:none}.curve{fill:none;stroke-width:2.2}';
  const dark = '.page{fill:#0d1117}text{fill:#e6edf3}.grid{stroke:#30363d}.frame{stroke:#6e7681}';
  return `<style>${light}${dashes}${colours('light')}@media (prefers-color-scheme:dark){${dark}${colours('dark')}}</style>`;
}

function gridOf({ x, y }: Chart): string[] {
  const upright = x.ticks.flatMap((tick) => {
    const at = place(x, tick, left, width - right);
    return [
      `<line class="grid" x1="${at}" y1="${top}" x2="${at}" y2="${height - bottom}"/>`,
      `<text x="${at}" y="${height - bottom + 18}" text-anchor="middle">${numberText(tick)}</text>`,
    ];
  });
  const across = y.ticks.flatMap((tick) => {
    const at = place(y, tick, height - bottom, top);
    return [
      `<line class="grid" x1="${left}" y1="${at}" x2="${width - right}" y2="${at}"/>`,
      `<text x="${left - 8}" y="${at + 4}" text-anchor="end">${numberText(tick)}</text>`,
    ];
  });
  const middle = (top + height - bottom) / 2;
  return [
    ...upright,
    ...across,
    `<rect class="frame" x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}"/>`,
    `<text x="${(left + width - right) / 2}" y="${height - bottom + 42}" text-anchor="middle">${escaped(x.label)}</text>`,
    `<text x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${escaped(y.label)}</text>`,
  ];
}

function curve({ x, y }: Chart, { points, shape }: Series, index: number): string {
  const placed = points.map(
    ([px, py]) => [place(x, px, left, width - right), place(y, py, height - bottom, top)] as const,
  );
  const path = placed
    .map(([px, py], at) => {
      if (at === 0) return `M${px} ${py}`;
      return shape === 'stairs' ? `H${px}V${py}` : `L${px} ${py}`;
    })
    .join('');
  const line = `<path class="curve s${index}" d="${path}"/>`;
  if (shape === 'stairs') return line;
  const dots = placed.map(
    ([px, py]) => `<circle class="d${index}" cx="${px}" cy="${py}" r="3.5"/>`,
  );
  return [line, ...dots].join('');
}

function legendEntry({ name }: Series, index: number): string {
  const columnWidth = (width - left - right) / 2;
  const x = left + (index % 2) * columnWidth;
  const y = height + Math.floor(index / 2) * legendLine;
  return `<path class="curve s${index}" d="M${x} ${y - 4}H${x + 30}"/><text x="${x + 38}" y="${y}">${escaped(name)}</text>`;
}

/** From the value to the pixel, kept inside of the frame. */
function place({ scale, from, to }: Axis, value: number, start: number, end: number): number {
  const along = (v: number) => (scale === 'log' ? Math.log10(Math.max(v, from)) : v);
  const share = (along(value) - along(from)) / (along(to) - along(from));
  const pixel = start + Math.min(1, Math.max(0, share)) * (end - start);
  return Math.round(pixel * 10) / 10;
}

/** A cumulative distribution: for each value the percentage of trials that were done by then. */
export function distribution(name: string, values: readonly number[]): Series {
  const sorted = values.toSorted((a, b) => a - b);
  const step = (value: number, index: number) =>
    [value, ((index + 1) / sorted.length) * 100] as const;
  return { name, shape: 'stairs', points: [[sorted[0] ?? 0, 0], ...sorted.map(step)] };
}

function numberText(value: number): string {
  return value.toLocaleString('en-US');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
