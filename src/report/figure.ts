import type { TopLevelSpec } from 'vega-lite';
import type { Value } from '../export/table.ts';

/**
 * A chart of a sweep: what it shows in words, as rows, and as a drawing. Pure data, the same for
 * the report, for `plot`, and for readers who cannot see it.
 */
export interface Figure {
  /** The file name without its extension, and the id in the report. */
  readonly name: string;
  readonly title: string;
  /** Drawn below the title, or in its place: needed even if only the picture is seen. */
  readonly subtitle?: string;
  /** Shown below the picture: what is drawn, of how many runs, and what the intervals are. */
  readonly caption: string;
  /** Replaces the picture in words: the kind of chart, its axes, and the finding in numbers. */
  readonly alt: string;
  /** The drawn data, one row per mark. */
  readonly data: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly Value[])[];
  };
  /** Has its data inline, without a URL; size, font and colours come from the theme. */
  readonly spec: TopLevelSpec;
}
