/** Counted since start, reported by serverStatus and top. Plain fields: they are on every path. */
export class Counters {
  insert = 0;
  query = 0;
  update = 0;
  delete = 0;
  getmore = 0;
  command = 0;
  bytesIn = 0;
  bytesOut = 0;
  requests = 0;
  assertsUser = 0;
  /** Per command: how often it ran and how often it failed. */
  readonly commands = new Map<string, { total: number; failed: number }>();

  countCommand(name: string): { total: number; failed: number } {
    let entry = this.commands.get(name);
    if (entry === undefined) {
      entry = { total: 0, failed: 0 };
      this.commands.set(name, entry);
    }
    entry.total++;
    return entry;
  }
}
