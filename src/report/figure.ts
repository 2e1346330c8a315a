import type { TopLevelSpec } from 'vega-lite';
import type { Value } from '../export/table.ts';

/**
 * A chart of a sweep: what it shows in words, as rows, and as a drawing. Pure data, the same for the
 * report, for `plot`, and for whoever cannot see it.
 */
export interface Figure {
  /** Its file name without the ending, and its id in the report. */
  readonly name: string;
  readonly title: string;
  /** Drawn below the title, or in its place: what nobody may miss who sees the picture alone. */
  readonly subtitle?: string;
  /** Shown below it: what is drawn, of how many runs, and what the intervals are. */
  readonly caption: string;
  /** Instead of the picture: the kind of chart, its axes, and the finding in numbers. */
  readonly alt: string;
  /** What is drawn, one row a mark. */
  readonly data: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly Value[])[];
  };
  /** Data inline, no URL; size, font and colours are the theme's. */
  readonly spec: TopLevelSpec;
}
