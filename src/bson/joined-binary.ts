/** Binary data (subtype 0) whose parts are put together where they are encoded, with one copy. */
export class JoinedBinary {
  readonly parts: readonly Uint8Array[];

  constructor(parts: readonly Uint8Array[]) {
    this.parts = parts;
  }
}
