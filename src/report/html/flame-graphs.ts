import {
  type FlameTree,
  type Frame,
  type FunctionSamples,
  flameTree,
  functionsOf,
  type SampledStack,
  shiftInErrors,
} from '../../analyse/flame-tree.ts';
import { isTracing } from '../../instruments/profile/stack-text.ts';
import type { CellProfile } from '../../store/profiles.ts';
import { colourOf, shiftColours } from '../flame/colours.ts';
import { drawnFrames, flameSvg } from '../flame/svg.ts';
import { countRange, percent } from '../quantities.ts';
import { html, type Markup } from './markup.ts';
import { type Drawn, drawTable } from './view.ts';

/** The table below a graph has so many functions. */
const MOST_FUNCTIONS = 20;

type Pooled = Pick<CellProfile, 'stacks' | 'runs'>;

/** A flame graph with its caption, its tools and its heaviest functions as a table. */
export function flameFigure(id: string, title: string, profile: Pooled): Markup {
  const stacks = profile.stacks.map(({ stack, count }) => ({ stack, samples: [count] }));
  const tree = flameTree(stacks, 1);
  const [all = 0] = tree.totals;
  const tracing = profile.stacks.reduce(
    (n, { stack, count }) => (isTracing(stack) ? n + count : n),
    0,
  );
  const own = tracing > 0 ? ` ${percent(tracing / all)} of them are of tracing itself.` : '';
  const words = ({ name, samples: [inIt = 0], own: [itself = 0] }: Frame) =>
    `${name}: ${percent(inIt / all)}, ${inIt} of ${samplesText(all)}, ${itself} in itself`;
  return figureOf({
    ...{ id, title, tree },
    svg: flameSvg(tree, { styleOf: colourOf, words }),
    caption: `${samplesText(all)} in ${countRange([profile.runs], 'run')}.${own}`,
    table: functionTable(title, functionsOf(stacks, 1), all),
  });
}

/** The two sides of a differential graph; without samples on both there is none. */
export interface ShiftSides {
  readonly a: Pooled;
  readonly b: Pooled;
  /** The names of the sides, such as `A` and `B`. */
  readonly names: readonly [string, string];
}

/** A differential flame graph, with the same around it. */
export function shiftFigure(id: string, title: string, { a, b, names }: ShiftSides): Markup {
  const stacks = bothSides(a, b);
  const tree = flameTree(stacks, 2);
  const shares = (samples: readonly number[]) =>
    names.map((name, side) => {
      const [count, all] = [samples[side] ?? 0, tree.totals[side] ?? 1];
      return `${percent(count / all)} in ${name} (${count} of ${all})`;
    });
  const [ofA, ofB] = tree.totals.map((all) => samplesText(all));
  return figureOf({
    ...{ id, title, tree },
    svg: flameSvg(tree, {
      styleOf: shiftColours(tree),
      words: ({ name, samples }) => `${name}: ${shares(samples).join(', ')}`,
    }),
    caption: `${ofA} of ${names[0]} and ${ofB} of ${names[1]}.`,
    table: shiftTable(title, functionsOf(stacks, 2), tree, names),
  });
}

/** Stacks of two profiles; one that a side does not have has no sample there. */
function bothSides(a: Pooled, b: Pooled): readonly SampledStack[] {
  return [
    ...a.stacks.map(({ stack, count }) => ({ stack, samples: [count, 0] })),
    ...b.stacks.map(({ stack, count }) => ({ stack, samples: [0, count] })),
  ];
}

interface Drawing {
  readonly id: string;
  readonly title: string;
  readonly tree: FlameTree;
  readonly svg: Markup;
  readonly caption: string;
  readonly table: Markup;
}

/** Without a script, the tools do nothing, so they are hidden until it shows them. */
function figureOf({ id, title, tree, svg, caption, table }: Drawing): Markup {
  const left = tree.frames.length - drawnFrames(tree).length;
  const rest = left > 0 && ` ${left} boxes of less than 0.1 % are not drawn.`;
  return html`<figure class="flame" id="${id}">
<h3 class="flame-title">${title}</h3>
<p class="flame-tools downloads" hidden><label>Find <input type="search" placeholder="function" aria-label="Find functions: ${title}"></label> <button type="button" data-whole aria-label="Whole graph: ${title}">Whole graph</button> <button type="button" data-format="svg" aria-label="Download SVG: ${title}">SVG</button> <span class="flame-found" role="status"></span></p>
<div class="flame-graph">${svg}</div>
<p class="flame-told" role="status" hidden></p>
<figcaption>${caption}${rest}</figcaption>
<details class="data"><summary>Heaviest functions</summary>
${table}</details>
</figure>
`;
}

function functionTable(title: string, functions: readonly FunctionSamples[], all: number): Markup {
  const heaviest = functions.toSorted(
    (x, y) => y.own[0]! - x.own[0]! || y.samples[0]! - x.samples[0]! || (x.name < y.name ? -1 : 1),
  );
  return drawTable({
    caption: `Functions of ${title}, by the samples in the function itself${restOf(functions)}`,
    headings: [
      { label: 'function', numeric: false },
      { label: 'in itself', numeric: true },
      { label: 'samples', numeric: true },
      { label: 'with what it called', numeric: true },
      { label: 'samples', numeric: true },
    ],
    rows: heaviest
      .slice(0, MOST_FUNCTIONS)
      .map(({ name, own: [own = 0], samples: [inIt = 0] }) => [
        word(name),
        share(own / all),
        count(own),
        share(inIt / all),
        count(inIt),
      ]),
  });
}

/** Those first whose share, with what they called, has moved most. */
function shiftTable(
  title: string,
  functions: readonly FunctionSamples[],
  { totals }: FlameTree,
  [nameA, nameB]: ShiftSides['names'],
): Markup {
  const shareOf = (samples: readonly number[], side: number) =>
    (samples[side] ?? 0) / (totals[side] ?? 1);
  const shiftOf = ({ samples }: FunctionSamples) => shareOf(samples, 1) - shareOf(samples, 0);
  const moved = functions.toSorted(
    (x, y) => Math.abs(shiftOf(y)) - Math.abs(shiftOf(x)) || (x.name < y.name ? -1 : 1),
  );
  return drawTable({
    caption: `Functions of ${title}, with what they called, by how far their shares differ${restOf(functions)}`,
    headings: [
      { label: 'function', numeric: false },
      { label: `share in ${nameA}`, numeric: true },
      { label: `share in ${nameB}`, numeric: true },
      { label: 'difference, points', numeric: true },
      { label: 'in standard errors', numeric: true },
    ],
    rows: moved
      .slice(0, MOST_FUNCTIONS)
      .map((one) => [
        word(one.name),
        share(shareOf(one.samples, 0)),
        share(shareOf(one.samples, 1)),
        signed(100 * shiftOf(one)),
        signed(shiftInErrors(one.samples, totals)),
      ]),
  });
}

function restOf(functions: readonly FunctionSamples[]): string {
  return functions.length > MOST_FUNCTIONS
    ? `; ${MOST_FUNCTIONS} of ${functions.length} functions`
    : '';
}

const word = (name: string): Drawn => ({ content: name, value: name });
const share = (value: number): Drawn => ({ content: percent(value), value });
const count = (value: number): Drawn => ({ content: String(value), value });

function signed(value: number): Drawn {
  const digits = value.toFixed(1);
  return {
    content: value > 0 && digits !== '0.0' ? `+${digits}` : digits.replace('-', '−'),
    value,
  };
}

function samplesText(samples: number): string {
  return samples === 1 ? 'one stack sample' : `${samples} stack samples`;
}
