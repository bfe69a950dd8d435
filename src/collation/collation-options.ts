/** A collation with all its options, in the order of its normal form. */
export interface CollationOptions {
  readonly locale: string;
  readonly caseLevel: boolean;
  readonly caseFirst: 'off' | 'lower' | 'upper';
  readonly strength: number;
  readonly numericOrdering: boolean;
  readonly alternate: 'non-ignorable' | 'shifted';
  readonly maxVariable: 'punct' | 'space';
  readonly normalization: boolean;
  readonly backwards: boolean;
}
