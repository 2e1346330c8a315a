import { type ComparedCell, type ComparedSides, sideLetter } from '../../../analyse/comparison.ts';
import type { FeatureChange } from '../../../analyse/features.ts';
import type { Gate } from '../../../analyse/gate.ts';
import { cellRecord } from '../../../export/columns.ts';
import { COMPARISON } from '../../../export/comparison-tables.ts';
import { headerOf, tableOf, type Value } from '../../../export/table.ts';
import type { LoadedSide } from '../../comparison-side.ts';
import type { LoadedSides } from './sides.ts';

/**
 * The sides and cells of a comparison for `--json`. A cell has the columns of comparison.csv, but
 * those that begin with `a_` or `b_` are in the objects `a` and `b`, without that prefix.
 */
export function comparisonJson({ base, others }: LoadedSides, compared: ComparedSides) {
  const table = tableOf(COMPARISON, () => compared.cells, []);
  const names = headerOf(table);
  const rows = [...table.rows()];
  return {
    base: sideJson(base, 0),
    sides: others.map((side, at) => ({
      ...sideJson(side, at + 1),
      only_a: compared.unmatched[at]!.onlyA.map(cellRecord),
      only_b: compared.unmatched[at]!.onlyB.map(cellRecord),
    })),
    cells: compared.cells.map((cell, at) => pairJson(cell, names, rows[at]!)),
  };
}

function sideJson(side: LoadedSide, at: number) {
  const { selector, file, sweep, cells, untraced, machines } = side;
  const { id, name } = sweep;
  const programs = [...new Set(cells.map(({ program }) => program))].filter((it) => it !== '');
  return {
    ...{ side: sideLetter(at), selector, database: file },
    ...{ sweep: id, name, started_at: sweep.started_at || null, programs },
    ...{ machines: [...new Set(machines.values())], cells: cells.length, untraced },
  };
}

function pairJson(cell: ComparedCell, names: readonly string[], row: readonly Value[]) {
  const columns = names.map((name, at) => [name, row[at] ?? null] as const);
  const begun = (prefix: string) =>
    Object.fromEntries(
      columns.flatMap(([name, value]) =>
        name.startsWith(prefix) && name !== `${prefix}selector`
          ? [[name.slice(prefix.length), value]]
          : [],
      ),
    );
  return {
    side: sideLetter(cell.side + 1),
    a: { ...begun('a_'), doubts: cell.doubtsA },
    b: { ...begun('b_'), doubts: cell.doubtsB },
    ...Object.fromEntries(columns.filter(([name]) => !/^([ab]_|side$)/.test(name))),
    gate: cell.gate === undefined ? null : gateJson(cell.gate),
    syscalls: cell.syscalls.map((change) => changeJson(change, 'calls')),
    pipe_states: cell.pipeStates.map((change) => changeJson(change, 'share')),
  };
}

function gateJson(gate: Gate) {
  if (gate.state !== 'undecided') {
    return { state: gate.state, because: null, trials: null, repeats: null };
  }
  const { state, because, trials, repeats } = gate;
  return { state, because, trials: trials ?? null, repeats: repeats ?? null };
}

function changeJson({ name, a, b, change, evidence }: FeatureChange, unit: 'calls' | 'share') {
  return { name, [`a_median_${unit}`]: a, [`b_median_${unit}`]: b, change, evidence };
}
