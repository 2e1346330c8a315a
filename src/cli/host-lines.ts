import { LOCAL_HOST } from '../host/host-name.ts';
import type { HostProgress } from '../store/host-progress.ts';
import type { SweepRow } from '../store/reader.ts';
import { alignColumns } from './print-table.ts';
import { cut } from './text-width.ts';

/** The state of a host, in a word or a sentence. */
export function hostState({ trouble, done, planned }: HostProgress, sweep: SweepRow): string {
  if (done >= planned) return 'done';
  if (trouble?.state === 'away') return `set aside: ${trouble.reason}`;
  if (trouble?.state === 'gone') {
    return `${sweep.state === 'running' ? 'gone, tried again' : 'gone'}: ${trouble.reason}`;
  }
  return sweep.state;
}

/** One line per host, below a header; none for a sweep that runs only on this machine. */
export function hostLines(
  hosts: readonly HostProgress[],
  sweep: SweepRow,
  width: number,
): readonly string[] {
  if (hosts.every(({ name }) => name === '' || name === LOCAL_HOST)) return [];
  const more = sweep.relative_ci === null ? '' : '+';
  const rows = hosts.map((host) => [
    host.name || '-',
    host.machine ?? '-',
    String(host.cells),
    `${host.done}/${host.planned}${more}`,
    String(host.bad),
    hostState(host, sweep).replace(/\s+/g, ' '),
  ]);
  const header = ['host', 'machine', 'cells', 'runs', 'not good', 'state'];
  return alignColumns(header, rows, ['left', 'left', 'right', 'right', 'right', 'left']).map(
    (line) => cut(line, width),
  );
}
