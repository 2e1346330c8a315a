import { AXIS, MATRIX_AXES, type MatrixAxisName } from '../../experiment/axes.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { type NamedSweep, type SweepNames, sweepNames } from '../../store/sweep-names.ts';

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
  return MATRIX_AXES.flatMap((axis) => {
    const texts = cells.map((cell) => valueText(axis, cell[axis]));
    const values = new Set(texts.filter((value) => value !== undefined));
    return values.size < 2 ? [] : [...values].map((value) => `${axis}=${value}`);
  });
}

/** How a stored value is written; undefined for one that ipc-sweep never stores. */
function valueText(axis: MatrixAxisName, value: unknown): string | undefined {
  const own = AXIS[axis];
  switch (own.kind) {
    case 'word':
      return own.words.find((word) => word === value);
    case 'flag':
      return value === 1 ? 'true' : value === 0 ? 'false' : undefined;
    case 'size':
      return sizeText(value);
  }
}

function sizeText(bytes: unknown): string | undefined {
  const whole = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0;
  return whole ? formatSize(bytes).replace(/ B$|\s/g, '') : undefined;
}
