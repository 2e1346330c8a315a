export interface WrittenFile {
  readonly path: string;
  /** The kind of content, counted below. */
  readonly unit: 'row' | 'table' | 'sheet';
  readonly count: number;
}

export interface WrittenFiles {
  readonly files: readonly WrittenFile[];
  /** Information that a reader of the files needs. */
  readonly warnings: readonly string[];
}
