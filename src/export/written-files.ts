export interface WrittenFile {
  readonly path: string;
  /** What is in it, and how many. */
  readonly unit: 'row' | 'table' | 'sheet';
  readonly count: number;
}

export interface WrittenFiles {
  readonly files: readonly WrittenFile[];
  /** What a reader of the files has to know. */
  readonly warnings: readonly string[];
}
