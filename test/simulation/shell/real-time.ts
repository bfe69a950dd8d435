/**
 * Notes every use of real time and real chance by the project's own files while something runs. The real
 * ones answer all the same: what waits for them would otherwise hide who asked.
 */
export async function usesOfRealTime(run: () => Promise<unknown>): Promise<readonly string[]> {
  const uses = new Set<string>();
  const restores = [
    ...(['setTimeout', 'setInterval', 'setImmediate'] as const).map((name) =>
      trap(globalThis, name, uses),
    ),
    trap(Date, 'now', uses),
    trap(performance, 'now', uses),
    trap(Math, 'random', uses),
    trap(crypto, 'getRandomValues', uses),
    trapDate(uses),
  ];
  try {
    await run();
  } finally {
    for (const restore of restores.reverse()) restore();
  }
  return [...uses];
}

function trap<T extends object>(owner: T, name: keyof T & string, uses: Set<string>): () => void {
  const real = owner[name] as (...given: unknown[]) => unknown;
  const trapped = (...given: unknown[]) => {
    noteCaller(name, uses);
    return real.apply(owner, given);
  };
  owner[name] = trapped as T[typeof name];
  return () => {
    owner[name] = real as T[typeof name];
  };
}

/** `new Date()` without an argument reads the clock too. */
function trapDate(uses: Set<string>): () => void {
  const real = globalThis.Date;
  globalThis.Date = new Proxy(real, {
    construct(target, given: [], newTarget) {
      if (given.length === 0) noteCaller('new Date()', uses);
      return Reflect.construct(target, given, newTarget) as Date;
    },
  });
  return () => {
    globalThis.Date = real;
  };
}

/** The first line of the stack that lies in this project, this file left out. */
function noteCaller(name: string, uses: Set<string>): void {
  const caller = (new Error().stack ?? '')
    .split('\n')
    .slice(1)
    .find((line) => !line.includes('real-time.ts') && !line.includes('node:'));
  if (caller === undefined || caller.includes('node_modules')) return;
  uses.add(`${name} ${caller.trim()}`);
}
