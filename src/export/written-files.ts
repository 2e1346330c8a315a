import type { StoredMissing } from '../store/missing.ts';
import type { SweepRow } from '../store/reader.ts';
import type { CsvOptions } from './csv.ts';
import type { Table } from './table.ts';

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

export interface WriterOptions extends CsvOptions {
  /** Things that the spec asks for and the sweep does not have. */
  readonly missing?: readonly StoredMissing[];
  /** Whether suspect runs are in the figures. */
  readonly suspect?: boolean;
}

/** Writes the tables of a sweep into a folder, in one format. */
export type Writer = (
  folder: string,
  sweep: SweepRow,
  tables: readonly Table[],
  options: WriterOptions,
) => Promise<WrittenFiles>;
