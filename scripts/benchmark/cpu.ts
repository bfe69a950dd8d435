import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** CPU time a process has used so far, user and system, in microseconds (Linux, 10 ms steps). */
export function cpuMicroseconds(processId: number): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000_000;
}
