import { cellName } from '../../experiment/cell-name.ts';
import { SAMPLES_PER_S } from '../../instruments/profile/instrument.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { type CellProfile, cellProfiles } from '../../store/profiles.ts';
import { cellOf } from '../../store/reader.ts';
import type { ComparisonReport } from '../comparison-report.ts';
import { letterOf, placeName } from '../comparison-words.ts';
import { NOTABLE_SHIFT } from '../flame/colours.ts';
import { flameFigure, shiftFigure } from './flame-graphs.ts';
import type { Markup } from './markup.ts';
import { paragraph } from './section.ts';

/** A page with more graphs would be too large to be mailed, and nobody would look at them all. */
const MOST_GRAPHS = 40;

interface Graph {
  readonly samples: number;
  readonly draw: () => Markup;
}

/** A flame graph for each cell and role; nothing if the instrument `profile` was not asked. */
export function profiles({ db, sweep, selection, cells }: SweepResults): readonly Markup[] {
  const rowOf = new Map(cells.map((cell) => [cell.cell, cell]));
  const graphs = Array.from(cellProfiles(db, sweep.id, selection), (profile): Graph => {
    const { cell, role } = profile;
    const row = rowOf.get(cell);
    const title = `${row ? cellName(cellOf(row)) : `cell ${cell}`}, ${role}`;
    return {
      samples: samplesOf(profile),
      draw: () => flameFigure(`flame-${cell}-${role}`, title, profile),
    };
  });
  return inOrder(
    graphs,
    `Each graph adds up the stack samples of all good traced runs of a cell: ${SAMPLES_PER_S} a second on each processor while it works for the role, so a run of 5 ms has about five. A box is a function, as wide as its share of the samples; it stands on what has called it. Boxes beside each other are sorted by name, and colours only tell them apart.`,
  );
}

/** A differential graph for each pair of cells, and each role that has samples on both sides. */
export function comparedProfiles(report: ComparisonReport): readonly Markup[] {
  const [base, ...others] = report.sides;
  const graphs = report.compared.cells.flatMap((pair, at) =>
    base.profiles
      .filter(({ cell }) => cell === pair.a.cell)
      .flatMap((a): readonly Graph[] => {
        const b = others[pair.side]?.profiles.find(
          ({ cell, role }) => cell === pair.b.cell && role === a.role,
        );
        if (!b) return [];
        const letter = letterOf(pair);
        const title = `${placeName(pair, report)}, ${a.role}: ${letter} against A`;
        const sides = { a, b, names: ['A', letter] } as const;
        return [
          {
            samples: Math.min(samplesOf(a), samplesOf(b)),
            draw: () => shiftFigure(`flame-${at + 1}-${a.role}`, title, sides),
          },
        ];
      }),
  );
  return inOrder(
    graphs,
    `Each graph compares what the processors did for a cell and its counterpart. A box is a function, as wide as the mean of its shares on both sides, on top of what has called it. Orange and ▲: the share is greater than that of A; blue and ▼: it is smaller; grey: the shares differ by less than ${NOTABLE_SHIFT} standard errors, which chance alone would show. Shares say nothing about the time that a run takes.`,
  );
}

/** Draws the graphs with the most samples, in the order of the cells. */
function inOrder(graphs: readonly Graph[], introduction: string): readonly Markup[] {
  if (graphs.length === 0) return [];
  const drawn = new Set(graphs.toSorted((a, b) => b.samples - a.samples).slice(0, MOST_GRAPHS));
  const left = graphs.length - drawn.size;
  const rest =
    left > 0
      ? ` The ${MOST_GRAPHS} graphs with the most samples are shown; \`ipc-sweep export --format folded\` writes the stacks of the other ${left}, too.`
      : '';
  return [
    paragraph(`${introduction}${rest}`),
    ...graphs.filter((graph) => drawn.has(graph)).map(({ draw }) => draw()),
  ];
}

function samplesOf({ stacks }: CellProfile): number {
  return stacks.reduce((sum, { count }) => sum + count, 0);
}
