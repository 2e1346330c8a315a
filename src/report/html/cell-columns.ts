import { formatSize } from '../../experiment/sizes.ts';
import type { CellRow } from '../../store/reader.ts';
import { channel, hostsOf, programsOf } from '../value-text.ts';
import type { Column, Drawn, Heading } from './view.ts';

/** Columns that distinguish the cells of a sweep; anything they share is said once, at the top. */
export function cellColumns(cells: readonly CellRow[]): readonly Column[] {
  return [
    { label: 'cell', from: ['cell'] },
    ...(severalChannels(cells)
      ? [
          {
            label: 'channel',
            from: ['ipc', 'mode', 'socket_buffers'] as const,
            show: (ipc: unknown, mode: unknown, sockets: unknown) =>
              channel({
                ipc: String(ipc),
                mode: String(mode),
                socket_buffers: sockets === true ? 1 : 0,
              }),
          },
        ]
      : []),
    ...(severalHosts(cells) ? [{ label: 'host', from: ['host'] as const }] : []),
    ...(severalPrograms(cells) ? [{ label: 'program', from: ['program'] as const }] : []),
    { label: 'buffer', from: ['buffer_bytes'] },
    { label: 'total', from: ['total_bytes'] },
  ];
}

/** The same columns as headings, for turned tables. */
export function cellHeadings(cells: readonly CellRow[]): readonly Heading[] {
  return cellColumns(cells).map(({ label }) => ({
    label,
    numeric: !['channel', 'host', 'program'].includes(label),
  }));
}

export function drawnCell(cell: CellRow, cells: readonly CellRow[]): readonly Drawn[] {
  return [
    { content: String(cell.cell), value: cell.cell },
    ...(severalChannels(cells) ? [{ content: channel(cell), value: channel(cell) }] : []),
    ...(severalHosts(cells) ? [{ content: cell.host, value: cell.host }] : []),
    ...(severalPrograms(cells) ? [{ content: cell.program, value: cell.program }] : []),
    { content: formatSize(cell.buffer_bytes), value: cell.buffer_bytes },
    { content: formatSize(cell.total_bytes), value: cell.total_bytes },
  ];
}

export function severalChannels(cells: readonly CellRow[]): boolean {
  return new Set(cells.map(channel)).size > 1;
}

function severalHosts(cells: readonly CellRow[]): boolean {
  return hostsOf(cells).length > 1;
}

function severalPrograms(cells: readonly CellRow[]): boolean {
  return programsOf(cells).length > 1;
}
