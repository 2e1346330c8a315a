import type { ComparedSides } from '../analyse/comparison.ts';
import type { AxisName } from '../experiment/axes.ts';
import type { CellProfile } from '../store/profiles.ts';
import type { CellRow, SweepRow } from '../store/reader.ts';

/** A side of a comparison, as far as it is described to a reader. */
export interface ReportedSide {
  /** The words that name it to `compare`. */
  readonly selector: string;
  /** The database, as it was named. */
  readonly file: string;
  /** The axes by which it was narrowed. */
  readonly narrowedBy: readonly AxisName[];
  readonly sweep: SweepRow;
  readonly cells: readonly CellRow[];
  readonly untraced: boolean;
  /** Facts about its machines that all of them share. */
  readonly facts: ReadonlyMap<string, string>;
  /** The own names of the hosts of its cells, by their names in the spec. */
  readonly machines: ReadonlyMap<string, string>;
  /** The profiles of its cells. */
  readonly profiles: readonly CellProfile[];
}

/** Something that has to be known before the figures of a comparison are believed. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Everything that is told of a comparison: on the terminal, in Markdown, and on a page. */
export interface ComparisonReport {
  /** The base first. */
  readonly sides: readonly [ReportedSide, ...ReportedSide[]];
  readonly compared: ComparedSides;
  /** The axes that a side was narrowed by. */
  readonly apart: ReadonlySet<AxisName>;
  /** The difference up to which cells are equivalent, as it was written. */
  readonly margin: string | undefined;
  /** The slowdown that fails, as it was written, and as a share. */
  readonly limit: { readonly written: string; readonly share: number } | undefined;
  /** Lines about how far repeats of a sweep differ. */
  readonly repeated: readonly string[];
  readonly warnings: readonly Warning[];
}
