import { BenchmarkConnection } from './connection.ts';
import type { Contender, Turn } from './contender.ts';
import { cpuMicroseconds } from './cpu.ts';
import type { Workload } from './workloads.ts';

export interface Target {
  readonly name: string;
  readonly host: string;
  /** Processes whose CPU time counts, the primary first; empty when they are not ours. */
  readonly processIds: readonly number[];
}

/** So many clients of one server, each sending its next message when the last is answered. */
export class ClientLoad implements Contender {
  readonly name: string;
  readonly documents: number;
  readonly #target: Target;
  readonly #workload: Workload;
  readonly #connections: readonly BenchmarkConnection[];
  #operations = 0;

  private constructor(
    name: string,
    target: Target,
    workload: Workload,
    connections: readonly BenchmarkConnection[],
  ) {
    this.name = name;
    this.documents = workload.documents;
    this.#target = target;
    this.#workload = workload;
    this.#connections = connections;
  }

  static async open(
    name: string,
    target: Target,
    workload: Workload,
    clients: number,
  ): Promise<ClientLoad> {
    const connections = await Promise.all(
      Array.from({ length: clients }, () => BenchmarkConnection.open(target.host)),
    );
    workload.message(0); // What is made in advance is made before the clock runs.
    return new ClientLoad(name, target, workload, connections);
  }

  get clients(): number {
    return this.#connections.length;
  }

  async run(milliseconds: number): Promise<Turn> {
    const { processIds } = this.#target;
    const cpuBefore = processIds.map(cpuMicroseconds);
    const started = performance.now();
    const end = started + milliseconds;
    const latenciesMs: number[] = [];
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (performance.now() < end) {
          const message = this.#workload.message(this.#operations++);
          const sent = performance.now();
          await connection.send(message);
          latenciesMs.push(performance.now() - sent);
        }
      }),
    );
    const elapsedMs = performance.now() - started;
    const cpu = processIds.map((id, i) => cpuMicroseconds(id) - (cpuBefore[i] as number));
    return {
      latenciesMs,
      elapsedMs,
      primaryCpu: cpu[0],
      setCpu: cpu.length === 0 ? undefined : cpu.reduce((a, b) => a + b, 0),
    };
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.close();
  }
}
