import type { CatalogState, Reader } from '../../../storage/index.ts';

/** A state of the data to read from, with the catalog that belongs to it. */
export interface ReadView {
  readonly reader: Reader;
  readonly catalog: CatalogState;
  /** The newest durable state, which moves; otherwise a snapshot: what it shows stays. */
  readonly isLatest?: boolean;
  close(): void;
}

export type ReadLevel = 'local' | 'available' | 'majority' | 'linearizable' | 'snapshot';
