import type { Db } from '../db.ts';
import type { OwnedTable } from './owned-tables.ts';
import type { Row, RowCopier } from './row-copier.ts';

/** How hosts are called in a sweep that is joined from several databases. */
export type HostsBy = 'machine' | 'file';

export interface MergeSetting {
  /** Whether sweeps of the same experiment become one. */
  readonly asOne: boolean;
  readonly hostsBy: HostsBy;
}

/** What is needed while one database is taken over into another one. */
export interface Merge extends MergeSetting {
  readonly input: Db;
  readonly output: Db;
  /** The input's name. */
  readonly file: string;
  readonly copier: RowCopier;
  /** The tables that hold parts of a sweep. */
  readonly tables: readonly OwnedTable[];
  /** The new ids of rows of the input by their old ones. */
  readonly newIds: Readonly<Record<'sweep' | 'host' | 'environment', Map<bigint, bigint>>>;
  /** Returns a row of a table as it is to be stored; it is set for each sweep. */
  changed: (table: string, row: Row) => Row;
}
