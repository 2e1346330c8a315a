import type { TopLevelSpec } from 'vega-lite';
import { byCell } from '../../analyse/consecutive.ts';
import { formatSize } from '../../experiment/sizes.ts';
import type { PipeOperation } from '../../instruments/instrument.ts';
import type { CellRow } from '../../store/reader.ts';
import { stateHex, stateNames } from '../../trace/pipe-state-bits.ts';
import type { Figure } from '../figure.ts';
import { OTHER_STATES } from '../looks.ts';
import { countRange } from '../quantities.ts';
import {
  type ChartPart,
  partsOf,
  rising,
  type SizeAxis,
  sizeAxis,
  sizesOf,
  titleOf,
} from './axes.ts';
import { largestPartSentences } from './largest-parts.ts';
import { panelled } from './panels.ts';
import { bandedSizes } from './size-scale.ts';
import { countedCells, type FigureSources } from './sources.ts';
import { stackLayers } from './stack-layers.ts';
import {
  type DrawnStates,
  drawnStates,
  firstSeenBits,
  type StateShare,
  segmentsOf,
  stateSharesByCell,
} from './state-stacks.ts';
import { pipeThresholds, type Threshold } from './thresholds.ts';

/** Each of the series has a panel. */
const MOST_SERIES = 4;

const COLUMNS = [
  ...['series', 'cell', 'buffer_bytes', 'total_bytes', 'pipe_state', 'pipe_state_hex'],
  'pipe_state_names',
] as const;

const ENDS: readonly { readonly operation: PipeOperation; readonly words: string }[] = [
  { operation: 'read', words: 'found by reads' },
  { operation: 'write', words: 'found by writes' },
  { operation: 'write-peer', words: 'of the other end, found by writes' },
];

interface Stack {
  readonly panel: string;
  readonly cell: CellRow;
  readonly size: number;
  readonly shares: readonly StateShare[];
}

/** The distribution of the states in which calls found the pipe, by size, for each end. */
export function pipeStateFigures(sources: FigureSources): readonly Figure[] {
  const { pipeStates: rows } = sources;
  return ENDS.flatMap(({ operation, words }) =>
    stateFigures(sources, {
      name: `pipe-states-${operation}`,
      subject: `Pipe states ${words}`,
      shareOf: 'Share of calls (%)',
      amount: 'count',
      shares: stateSharesByCell(rows.filter((row) => row.operation === operation)),
      explain: (shown) => {
        const calls = shown.map((shares) => shares.reduce((sum, { count }) => sum + count, 0));
        return `Share of calls by the state in which they found the pipe, ${countRange(calls, 'call')} for each bar; numbers in percent.`;
      },
    }),
  );
}

/** The words and shares that stacked bars of states show. */
export interface StateStacks {
  /** The figures' name, without what tells the parts apart. */
  readonly name: string;
  readonly subject: string;
  /** The title of the axis. */
  readonly shareOf: string;
  /** The column of the data that has a share's absolute amount. */
  readonly amount: 'count' | 'ns';
  readonly shares: readonly StateShare[];
  /** Returns the first sentence of the caption, for the bars that a figure shows. */
  readonly explain: (shown: readonly (readonly StateShare[])[]) => string;
}

/** Stacked bars of 100 %, one for each cell that has shares, by size. */
export function stateFigures(
  { summaries, facts, stateBits: bits }: FigureSources,
  stacks: StateStacks,
): readonly Figure[] {
  const cells = countedCells({ summaries }, stacks.shares);
  if (cells.length === 0) return [];
  const axis = sizeAxis(cells);
  return partsOf(cells, axis, MOST_SERIES).map((part) => {
    const range = sizesOf(cells, axis);
    const marked = axis.field === 'buffer_bytes' ? pipeThresholds(facts, range) : [];
    return stateFigure({ ...stacks, part, axis, marked, bits, byCell: byCell(stacks.shares) });
  });
}

interface StateChart extends StateStacks {
  readonly part: ChartPart;
  readonly axis: SizeAxis;
  readonly marked: readonly Threshold[];
  readonly bits: readonly { readonly bit: number; readonly name: string }[];
  /** The shares by the cell's number. */
  readonly byCell: ReadonlyMap<number, readonly StateShare[]>;
}

function stateFigure(chart: StateChart): Figure {
  const { part, axis, marked, bits } = chart;
  const stacks = part.series.flatMap((series) =>
    series.cells.map(
      (cell): Stack => ({
        panel: series.label,
        cell,
        size: cell[axis.field],
        shares: chart.byCell.get(cell.cell) ?? [],
      }),
    ),
  );
  const own = stacks.flatMap((stack) => stack.shares);
  const nameOf = (state: number) => stateNames(state, bits);
  const states = drawnStates(own, nameOf);
  const title = titleOf(`${chart.subject}, by ${axis.title.toLowerCase()}`, part);
  const firstSeen = firstSeenSentences(stacks, bits);
  const explained = chart.explain(stacks.map(({ shares }) => shares));
  return {
    name: `${chart.name}${part.suffix}`,
    title,
    caption: captionOf({
      explained,
      firstSeen,
      folded: states.kinds.includes(OTHER_STATES),
      marked,
    }),
    alt: `${title}: stacked bars of 100 %. ${firstSeen === '' ? '' : `${firstSeen} `}Most frequent: ${findings(stacks, nameOf)}`,
    data: {
      columns: [...COLUMNS, chart.amount, 'share', 'drawn_as'],
      rows: stacks.flatMap(({ panel, cell, shares: shown }) =>
        shown.map(({ state, count, share }) => [
          ...[panel, cell.cell, cell.buffer_bytes, cell.total_bytes],
          ...[state, stateHex(state), nameOf(state), count, share, states.kindOf(state)],
        ]),
      ),
    },
    spec: specOf(stacks, { axis, marked, states, shareOf: chart.shareOf }),
  };
}

/** A sentence such as `DIRECTW first at 8 KiB.`, for each panel if they differ. */
function firstSeenSentences(stacks: readonly Stack[], bits: StateChart['bits']): string {
  const panels = [...new Set(stacks.map(({ panel }) => panel))];
  const told = panels.map((panel) => {
    const own = stacks.filter((stack) => stack.panel === panel);
    const states = new Map(
      own.map(({ size, shares }) => [size, shares.map(({ state }) => state)] as const),
    );
    return firstSeenBits([...states.keys()], states, bits)
      .map(({ name, bytes }) => `${name} first at ${formatSize(bytes)}`)
      .join(', ');
  });
  if (new Set(told).size === 1) return told[0] === '' ? '' : `${told[0]}.`;
  return panels
    .flatMap((panel, at) => (told[at] === '' ? [] : [`${panel}: ${told[at]}.`]))
    .join(' ');
}

function captionOf({
  explained,
  firstSeen,
  folded,
  marked,
}: {
  readonly explained: string;
  readonly firstSeen: string;
  readonly folded: boolean;
  readonly marked: readonly Threshold[];
}): string {
  return [
    explained,
    ...(firstSeen === '' ? [] : [firstSeen]),
    ...(folded ? [`“${OTHER_STATES}” are those below 1 % everywhere.`] : []),
    ...(marked.length > 0 ? ['A dashed rule stands before the first size that reaches it.'] : []),
  ].join(' ');
}

function findings(stacks: readonly Stack[], nameOf: (state: number) => string): string {
  return largestPartSentences(
    stacks.map(({ panel, size, shares }) => {
      const most = shares.toSorted((a, b) => b.share - a.share)[0]!;
      return { panel, size, name: nameOf(most.state), share: most.share };
    }),
  );
}

function specOf(
  stacks: readonly Stack[],
  {
    axis,
    marked,
    states,
    shareOf,
  }: Pick<StateChart, 'axis' | 'marked' | 'shareOf'> & { readonly states: DrawnStates },
): TopLevelSpec {
  const sizes = rising(stacks.map(({ size }) => size));
  const rows = stacks.flatMap(({ panel, size, shares }) =>
    segmentsOf(shares, states).map((segment) => ({ panel, size, ...segment })),
  );
  const layer = stackLayers(rows, {
    x: bandedSizes('size', axis.title, sizes),
    title: shareOf,
    kinds: states.kinds,
    sizes,
    marked,
  });
  const labels = [...new Set(stacks.map(({ panel }) => panel))];
  return panelled(layer.rows, layer.layers, {
    labels,
    // The label of a threshold must fit beside its rule.
    width: marked.length > 0 ? 200 : 150,
    height: labels.length > 1 ? 150 : 260,
  }) as TopLevelSpec;
}
