import type { CellVerdict } from '../analyse/compare.ts';
import { type ComparedCell, type ComparedSides, sideLetter } from '../analyse/comparison.ts';
import type { Gate } from '../analyse/gate.ts';
import { AXES, AXIS, type AxisName } from '../experiment/axes.ts';
import { valueOn } from '../experiment/cell.ts';
import { AXES_IN_NAME, cellName, namedBy } from '../experiment/cell-name.ts';
import { percentText, ratioNumber } from '../rounding.ts';
import { type CellRow, cellOf, ownAxisOf } from '../store/reader.ts';
import type { ComparisonReport, ReportedSide } from './comparison-report.ts';

/** The words in which a comparison is told, on the terminal, in Markdown and on a page. */

/** `quickstart-1 (sweep quickstart-1, 8 of its cells, started 2026-01-02T03:04:05.000Z)` */
export function sideDescription({ selector, sweep, cells }: ReportedSide): string {
  return `${selector} (sweep ${sweep.name}-${sweep.id}, ${cells.length} of its cells, started ${sweep.started_at || 'elsewhere'})`;
}

/** The letter of the side that is compared with the base. */
export function letterOf({ side }: Pick<ComparedCell, 'side'>): string {
  return sideLetter(side + 1);
}

/** The cell of the base, and that of the other side if it differs in an axis. */
export function pairName({ a, b }: Pick<ComparedCell, 'a' | 'b'>): string {
  // `... by base / new` is shorter than both names and says more.
  const program = [a, b].map((cell) => cell.program || '(unnamed)').join(' / ');
  const both = cellName({ ...cellOf(a), program });
  if (a.program !== b.program && both === cellName({ ...cellOf(b), program })) return both;
  const [left, right] = [nameOf(a), nameOf(b)];
  return left === right ? left : `${left} / ${right}`;
}

/**
 * The same where there are more than two sides: the cell of the base, without the host and the
 * program that the base is narrowed by.
 */
export function rowName({ a }: Pick<ComparedCell, 'a'>, { sides }: ComparisonReport): string {
  const [{ narrowedBy }] = sides;
  const cell = cellOf(a);
  const named = (axis: AxisName) => AXIS[axis].kind !== 'name' || !narrowedBy.includes(axis);
  return namedBy(AXES_IN_NAME.filter(named), (axis) => valueOn(cell, axis));
}

/** Names a pair of cells in the shortest way that its comparison allows. */
export function placeName(cell: ComparedCell, report: ComparisonReport): string {
  if (report.sides.length === 2) return pairName(cell);
  const own = otherName(cell, report);
  return own === '' ? rowName(cell, report) : `${rowName(cell, report)} / ${own}`;
}

/** The name of a side's cell; empty if it differs from that of the base as its selector says. */
export function otherName({ side, a, b }: ComparedCell, { sides }: ComparisonReport): string {
  const { narrowedBy = [] } = sides[side + 1] ?? {};
  const differs = AXES.some(
    (axis) => !narrowedBy.includes(axis) && ownAxisOf(a, axis) !== ownAxisOf(b, axis),
  );
  return differs ? nameOf(b) : '';
}

export function nameOf(cell: CellRow): string {
  return cellName(cellOf(cell));
}

/** `0.973 (0.951-0.988)`; undefined for too few runs. */
export function ratioWords(verdict: CellVerdict): string | undefined {
  if (verdict.verdict === 'too few') return undefined;
  const { ratio, low, high } = verdict;
  return `${ratioNumber(ratio)} (${ratioNumber(low)}-${ratioNumber(high)})`;
}

/** The corrected p; undefined for too few runs. */
export function pWords(verdict: CellVerdict): string | undefined {
  if (verdict.verdict === 'too few') return undefined;
  return verdict.correctedP < 0.0001 ? '<0.0001' : verdict.correctedP.toFixed(4);
}

/** The slowdown that so many runs could have found; undefined if there is none. */
export function detectableWords(verdict: CellVerdict): string | undefined {
  if (verdict.verdict === 'too few' || verdict.detectable === undefined) return undefined;
  return percentText(verdict.detectable);
}

/** @param margin the difference up to which cells are equivalent, as it was written */
export function verdictWords(verdict: CellVerdict, margin: string | undefined): string {
  switch (verdict.verdict) {
    case 'too few':
      return `too few runs (${verdict.nA} and ${verdict.nB})`;
    case 'equivalent':
      return `equivalent within ${margin}`;
    default:
      return verdict.verdict;
  }
}

/** `A: drift; B: drift, steal`; empty without a doubt. */
export function doubtWords(cell: ComparedCell): string {
  return [['A', cell.doubtsA] as const, [letterOf(cell), cell.doubtsB] as const]
    .flatMap(([side, codes]) => (codes.length === 0 ? [] : [`${side}: ${codes.join(', ')}`]))
    .join('; ');
}

const VERDICTS = ['slower', 'faster', 'equivalent', 'inconclusive', 'too few'] as const;

/** `3 of 8 cells slower, 1 faster, 4 inconclusive`; verdicts that no cell has are left out. */
export function tally(cells: readonly Pick<ComparedCell, 'verdict'>[]): string {
  const counts = VERDICTS.map(
    (word) => [word, cells.filter(({ verdict }) => verdict.verdict === word).length] as const,
  ).filter(([, count]) => count > 0);
  const all = `of ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} `;
  return counts
    .map(([word, count], at) => {
      const said = word === 'too few' ? 'with too few runs' : word;
      return `${count} ${at === 0 ? all : ''}${said}`;
    })
    .join(', ');
}

/** {@link tally} of all sides: a cell counts once for each side that is compared with the base. */
export function tallyOfAll({ compared: { cells }, sides }: ComparisonReport): string {
  const others = sides.length - 1;
  return others === 1 ? tally(cells) : tally(cells).replace(/ cells? /, ' pairs of cells ');
}

/** The cells of one side. @param side its index among the others */
export function ofSide({ cells }: Pick<ComparedSides, 'cells'>, side: number) {
  return cells.filter((cell) => cell.side === side);
}

/** `4 cells: 1 pass, 0 slower, 0 undecided, 3 that B does not have` */
export function gateTally({ cells, unmatched }: ComparedSides): string {
  const count = (state: Gate['state']) => cells.filter(({ gate }) => gate?.state === state).length;
  const [passed, slower, undecided] = [count('passes'), count('slower'), count('undecided')];
  const missing = unmatched.map(({ onlyA }) => onlyA.length);
  const all = missing.reduce((sum, own) => sum + own, cells.length);
  const what = `${all} ${all === 1 ? 'cell' : 'cells'}`;
  if (passed === all) return `${what}, all pass`;
  const absent = missing.flatMap((own, side) =>
    own === 0 ? [] : [`${own} that ${letterOf({ side })} does not have`],
  );
  return [`${what}: ${passed} pass`, `${slower} slower`, `${undecided} undecided`, ...absent].join(
    ', ',
  );
}

/** Why a cell does not pass the gate, and what would help; undefined if it passes. */
export function gateWords(gate: Gate, verdict: CellVerdict): string | undefined {
  if (gate.state === 'passes') return undefined;
  const now = `${verdict.nA} and ${verdict.nB}`;
  if (verdict.verdict === 'too few')
    return `undecided, too few runs (${now}); make at least 5 a side`;
  const { low, high } = verdict.bounds;
  if (gate.state === 'slower') {
    return `slower, by ${percentText(1 - high)} to ${percentText(1 - low)}`;
  }
  const worst = `undecided, may be slower by up to ${percentText(1 - low)}`;
  switch (gate.because) {
    case 'sessions differ':
      return `${worst}; no number of trials would help, because sessions of this machine differ too much: make both sides in one sweep`;
    case 'few repeats': {
      const { repeats } = gate;
      const enough =
        repeats === undefined ? '' : ` (about ${repeats} in all, if they agree as well)`;
      const trials =
        gate.trials === undefined ? '' : ` and about ${shortCount(gate.trials)} trials a side`;
      return `${worst}; more trials alone would not help, because so few repeats do not show how far sessions differ: make more repeats${enough}${trials}, or both sides in one sweep`;
    }
    case 'near the limit':
      return `${worst}; with as many trials (${now}) an unchanged cell would pass in 9 of 10 cases`;
    default:
      return `${worst}; with about ${shortCount(gate.trials ?? 0)} trials a side an unchanged cell would pass in 9 of 10 cases (now ${now})`;
  }
}

/** How the ratios were estimated, where that is not by all runs of both sides. */
export function methodSentences(cells: readonly ComparedCell[]): readonly string[] {
  const known = cells.flatMap(({ verdict }) => (verdict.verdict === 'too few' ? [] : [verdict]));
  const paired = known.filter(({ method }) => method === 'paired').length;
  const blind = known.filter(({ detectable }) => detectable === undefined).length;
  const those = paired === cells.length ? 'Ratios are' : `${paired} of ${cells.length} ratios are`;
  return [
    ...(paired === 0 ? [] : [`${those} of runs in the same block (paired).`]),
    ...(blind === 0
      ? []
      : [
          `A dash in the column 'could find' stands for a cell with so few runs that, among ${known.length}, no change of it alone could be called, however large; make more trials.`,
        ]),
  ];
}

function shortCount(count: number): number {
  return Number(count.toPrecision(2));
}
