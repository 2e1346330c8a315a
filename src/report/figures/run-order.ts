import type { TopLevelSpec } from 'vega-lite';
import { consecutive } from '../../analyse/consecutive.ts';
import { median } from '../../analyse/statistics.ts';
import { significant } from '../../rounding.ts';
import { type OrderedSample, orderedSamples, startTimes } from '../../store/chart-data.ts';
import type { Db } from '../../store/open.ts';
import type { Figure } from '../figure.ts';
import { runLook } from '../looks.ts';
import { countRange } from '../quantities.ts';
import { uniqueSuffixes } from './axes.ts';
import { oneInSoMany, thinned, thinnedSentence, thinnedWords } from './dots.ts';
import { leftOut } from './left-out.ts';
import { seriesChannels } from './series-channels.ts';
import type { FigureSources } from './sources.ts';

const COLUMNS = [
  ...['place', 'run_id', 'cell', 'kind', 'started_at', 'bandwidth_bytes_per_s', 'relative'],
] as const;

/** The lines through the runs are medians of this many parts of the sweep. */
const TREND_PARTS = 12;
/** With fewer runs in a part, the line would be only noise. */
const LEAST_IN_PART = 4;

interface Run {
  readonly run_id: number;
  readonly cell: number;
  /** The host's name in the spec. */
  readonly host: string;
  readonly warmup: number;
  readonly traced: number;
  /** The median of its iterations, in bytes per second. */
  readonly bandwidth: number;
}

interface Made {
  /** Position among all runs with a bandwidth, from 1. */
  readonly place: number;
  readonly run: Run;
  readonly kind: string;
  /**
   * Relative to the median of the counted runs of its cell that are traced or untraced like this
   * one; 1 is that median.
   */
  readonly relative: number;
}

/**
 * Bandwidth of every run relative to its cell's median, in the order in which the runs were made.
 * Hosts work in parallel, so each has its own chart: what happens on one does not show on another.
 */
export function runOrderFigures({ db, sweep, selection }: FigureSources): readonly Figure[] {
  const runs = [...eachRun(orderedSamples(db, sweep.id, selection))];
  const hosts = [...new Set(runs.map(({ host }) => host))].sort();
  const suffixOf = uniqueSuffixes();
  return hosts.flatMap((host) => {
    const several = hosts.length > 1;
    const own = several ? runs.filter((run) => run.host === host) : runs;
    const figure = runOrderFigure(db, runsMade(own), {
      name: `run-order${several ? suffixOf([host]) : ''}`,
      title: `Bandwidth over the order of the runs${several ? `, ${host}` : ''}`,
    });
    return figure ?? [];
  });
}

function runOrderFigure(
  db: Db,
  made: readonly Made[],
  { name, title }: Pick<Figure, 'name' | 'title'>,
): Figure | undefined {
  // If every cell has only one run, each is its own median.
  if (made.every(({ relative }) => relative === 1)) return undefined;
  const kinds = [...new Set(made.map(({ kind }) => kind))].sort();
  const counted = made.filter(({ run }) => run.warmup === 0);
  const parts = trendPoints(counted);
  const drift =
    parts.length < 2
      ? ''
      : ` Medians over parts of the sweep lie between ${significant(Math.min(...parts.map(({ relative }) => relative)))} and ${significant(Math.max(...parts.map(({ relative }) => relative)))}; the first part ${significant(parts[0]!.relative)}, the last ${significant(parts.at(-1)!.relative)}.`;
  const oneIn = oneInSoMany(made.length);
  const drawn = thinned(made, oneIn, ({ relative }) => relative);
  const startedAt = startTimes(
    db,
    drawn.map(({ run }) => run.run_id),
  );
  const [least, most] = rangeOf(made);
  return {
    name,
    title,
    ...leftOut(thinnedWords(oneIn)),
    caption: `${countRange([made.length], 'run')} as they were made, each relative to the median of the counted runs of its cell that were traced, or not, as it was.${
      parts.length < 2
        ? ''
        : ` Line: medians of ${parts.length} parts of the sweep, warm-up left out.`
    }${thinnedSentence(oneIn)}`,
    alt: `${title}: a scatter plot of ${countRange([made.length], 'run')}, from ${significant(least)} to ${significant(most)} times the median of the cell.${drift}`,
    data: {
      columns: COLUMNS,
      rows: drawn.map(({ place, run, kind, relative }) => [
        ...[place, run.run_id, run.cell, kind, startedAt.get(run.run_id) ?? ''],
        ...[run.bandwidth, relative],
      ]),
    },
    spec: specOf(drawn, kinds, parts),
  };
}

function* eachRun(samples: Iterable<OrderedSample>): Generator<Run> {
  for (const own of consecutive(samples, ({ run_id: run }) => run)) {
    const { run_id, cell, host, warmup, traced } = own[0]!;
    const bandwidth = median(own.map((sample) => sample.bandwidth));
    yield { run_id, cell, host, warmup, traced, bandwidth };
  }
}

function runsMade(runs: readonly Run[]): readonly Made[] {
  const groupOf = ({ cell, traced }: Run) => 2 * cell + traced;
  const groups = new Map<number, number[]>();
  for (const run of runs) {
    if (run.warmup === 1) continue;
    const group = groups.get(groupOf(run));
    if (group) group.push(run.bandwidth);
    else groups.set(groupOf(run), [run.bandwidth]);
  }
  const typical = new Map([...groups].map(([group, values]) => [group, median(values)]));
  return runs.flatMap((run, at) => {
    const own = typical.get(groupOf(run));
    if (own === undefined) return [];
    return [{ place: at + 1, run, kind: kindOf(run), relative: run.bandwidth / own }];
  });
}

/** The minimum and the maximum; a hundred thousand values are too many arguments for Math.min. */
function rangeOf(made: readonly Made[]): readonly [number, number] {
  return made.reduce<readonly [number, number]>(
    ([least, most], { relative }) => [Math.min(least, relative), Math.max(most, relative)],
    [Infinity, -Infinity],
  );
}

function kindOf({ warmup, traced }: Run): string {
  const tracing = traced === 1 ? 'traced' : 'untraced';
  return warmup === 1 ? `warm-up, ${tracing}` : tracing;
}

function trendPoints(made: readonly Made[]): readonly { place: number; relative: number }[] {
  const length = Math.max(LEAST_IN_PART, Math.ceil(made.length / TREND_PARTS));
  const parts = Array.from({ length: Math.floor(made.length / length) }, (_, at) =>
    made.slice(at * length, (at + 1) * length),
  );
  return parts.map((part) => ({
    place: median(part.map(({ place }) => place)),
    relative: median(part.map(({ relative }) => relative)),
  }));
}

function specOf(
  made: readonly Made[],
  kinds: readonly string[],
  parts: readonly { place: number; relative: number }[],
): TopLevelSpec {
  const top = Math.max(1.1, rangeOf(made)[1]) * 1.04;
  const x = {
    field: 'place',
    type: 'quantitative',
    title: 'Run (number, in the order in which they were made)',
    scale: { domain: [0, made.at(-1)!.place + 1], nice: false, zero: false },
  };
  const y = {
    field: 'relative',
    type: 'quantitative',
    title: 'Bandwidth / median of its cell (ratio)',
    scale: { domain: [0, top], nice: false },
  };
  const { color, shape } = seriesChannels(kinds, kinds.map(runLook));
  const rows = made.map(({ place, run, kind, relative }) => ({
    ...{ place, relative, series: kind },
    says: `run ${place}, cell ${run.cell}, ${kind}: ${significant(relative)}`,
  }));
  const layer: object[] = [
    {
      mark: { type: 'point', style: 'order', filled: true },
      encoding: { x, y, color, shape, description: { field: 'says', type: 'nominal' } },
    },
    {
      data: { values: [{ relative: 1 }] },
      mark: { type: 'rule', style: 'threshold-rule', aria: false },
      encoding: { y },
    },
  ];
  if (parts.length > 1) {
    layer.push({
      data: { values: parts },
      mark: { type: 'line', style: 'trend', aria: false },
      encoding: { x, y },
    });
  }
  return { data: { values: rows }, layer } as TopLevelSpec;
}
