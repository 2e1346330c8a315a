import type { Warning } from '../report/comparison-report.ts';
import { percentText } from '../rounding.ts';
import type { LoadedSide } from './comparison-side.ts';
import { countAndNoun } from './count-and-noun.ts';
import type { Repeats } from './repeats.ts';

/** `sessions of lab differ by 2.1% (95% interval 1.1% to 13.2%; 3 sweeps of 8 cells: lab-1, ...)` */
export function repeatLines({ sweeps, leftOut, deviation }: Repeats): readonly string[] {
  const { low, high, sessions, cells } = deviation;
  const [{ name } = { name: '' }] = sweeps;
  const names = sweeps.map((sweep) => `${sweep.name}-${sweep.id}`);
  const made = `${countAndNoun(sessions, 'sweep')} of ${countAndNoun(cells, 'cell')}: ${names.join(', ')}`;
  return [
    `sessions of ${name} differ by ${percentText(deviation.deviation)} (95% interval ${percentText(low)} to ${percentText(high)}; ${made})`,
    ...leftOut.map(({ sweep, why }) => `${sweep.name}-${sweep.id} is left out: ${why}`),
  ];
}

/** The effect of the deviation on a comparison. */
export function floorLine({ deviation }: Repeats): string {
  return `between sweeps, intervals and p allow for sessions that differ by ${percentText(deviation.floor)}: more than measured, as ${countAndNoun(deviation.sessions, 'sweep')} do not tell it well`;
}

/** Warns about other machines, whose sessions may differ more, or less. */
export function repeatWarnings(
  { label, machines }: Repeats,
  sides: readonly LoadedSide[],
): readonly Warning[] {
  const others = sides
    .flatMap((side) => [...side.machines.values()])
    .filter((machine) => !machines.includes(machine));
  if (others.length === 0) return [];
  const message = `--repeat ${label} was measured on ${machines.join(', ')}, and what is compared was made on ${[...new Set(others)].join(', ')}`;
  return [{ code: 'repeat-machine', message }];
}

export function repeatsJson({ sweeps, leftOut, machines, deviation }: Repeats) {
  const { low, high, floor, sessions, cells } = deviation;
  return {
    sweeps: sweeps.map(({ id, name, started_at }) => ({ sweep: id, name, started_at })),
    left_out: leftOut.map(({ sweep, why }) => ({ sweep: sweep.id, name: sweep.name, why })),
    machines,
    ...{ deviation: deviation.deviation, low, high, floor, sessions, cells },
  };
}
