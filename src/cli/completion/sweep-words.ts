import { IPC_TYPES, MODES } from '../../experiment/cell.ts';
import { formatSize } from '../../experiment/sizes.ts';
import {
  type AxisValues,
  type NamedSweep,
  type SweepNames,
  sweepNames,
} from '../../store/sweep-names.ts';

/** Lists the words that name a sweep of a database, the newest first. */
export function sweepWords(file: string, current: string): readonly string[] {
  return sweepNames(file, ({ sweeps }) => namesOf(sweeps, current)) ?? [];
}

/** Lists the names of the experiments in a database, the newest first. */
export function experimentWords(file: string): readonly string[] {
  return sweepNames(file, ({ sweeps }) => [...new Set(sweeps.map(({ name }) => name))]) ?? [];
}

/** Numbers are offered only after the first digit has been typed. */
function namesOf(sweeps: readonly NamedSweep[], current: string): readonly string[] {
  if (current.startsWith('@')) return sweeps.map(({ id }) => `@${id}`);
  const ids = /^\d/.test(current) ? sweeps.map(({ id }) => String(id)) : [];
  const names = sweeps.map(({ name }) => name);
  return [...new Set([...names, ...sweeps.map(({ name, id }) => `${name}-${id}`), ...ids])];
}

/** Lists the words that name a side of a comparison: `[SWEEP:][AXIS=VALUE[,AXIS=VALUE ...]]`. */
export function sideWords(file: string, current: string): readonly string[] {
  return (
    sweepNames(file, (names) => {
      const [, sweep, pairs = ''] = /^(?:([^:=]*):)?(.*)$/s.exec(current) ?? [];
      const comma = pairs.lastIndexOf(',') + 1;
      const before = (sweep === undefined ? '' : `${sweep}:`) + pairs.slice(0, comma);
      const axes = axisWords(names, sweep).map((word) => before + word);
      return before === '' ? [...namesOf(names.sweeps, current), ...axes] : axes;
    }) ?? []
  );
}

/** Lists the values of the axes that differ between the cells of a sweep, as `AXIS=VALUE`. */
function axisWords({ sweeps, cellsOf }: SweepNames, wanted: string | undefined): readonly string[] {
  const sweep =
    wanted === undefined || wanted === ''
      ? sweeps[0]
      : sweeps.find(({ name, id }) =>
          [name, `${name}-${id}`, String(id), `@${id}`].includes(wanted),
        );
  if (!sweep) return [];
  const cells = cellsOf(sweep.id);
  return AXIS_TEXTS.flatMap(([axis, text]) => {
    const values = new Set(cells.map(text).filter((value) => value !== undefined));
    return values.size < 2 ? [] : [...values].map((value) => `${axis}=${value}`);
  });
}

/** How each axis is written; undefined for a value that ipc-sweep never stores. */
const AXIS_TEXTS: readonly (readonly [string, (cell: AxisValues) => string | undefined])[] = [
  ['ipc', ({ ipc }) => IPC_TYPES.find((word) => word === ipc)],
  ['mode', ({ mode }) => MODES.find((word) => word === mode)],
  [
    'socket_buffers',
    ({ socketBuffers: on }) => (on === 1 ? 'true' : on === 0 ? 'false' : undefined),
  ],
  ['total_size', ({ totalBytes }) => sizeText(totalBytes)],
  ['buffer_size', ({ bufferBytes }) => sizeText(bufferBytes)],
];

function sizeText(bytes: unknown): string | undefined {
  const whole = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0;
  return whole ? formatSize(bytes).replace(/ B$|\s/g, '') : undefined;
}
