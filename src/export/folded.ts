import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cellName } from '../experiment/cell-name.ts';
import { PROFILE } from '../instruments/profile/instrument.ts';
import { type CellRow, cellOf } from '../store/reader.ts';
import { summaryOf } from './count-summary-tables.ts';
import { writeWhole } from './safe-file.ts';
import { headerOf, type Table } from './table.ts';
import type { Writer } from './written-files.ts';

/**
 * Writes the stacks of the instrument `profile` as speedscope and FlameGraph read them: a line for
 * each, `frame;frame;frame COUNT`. The outermost frames are the cell and the role, so that one file
 * holds all of them, and `grep` picks one.
 */
export const writeFolded: Writer = async (folder, _sweep, tables) => {
  const table = tables.find(({ name }) => name === summaryOf(PROFILE).name);
  const lines = table ? linesOf(table) : [];
  const path = join(folder, 'profile.folded');
  if (lines.length === 0) {
    await rm(path, { force: true });
    const warning =
      'there are no stacks to write as profile.folded: the instrument profile has to be among trace.instruments of the spec';
    return { files: [], warnings: [warning] };
  }
  await writeWhole(path, lines.map((line) => `${line}\n`).join(''));
  return { files: [{ path, unit: 'row', count: lines.length }], warnings: [] };
};

function linesOf(table: Table): readonly string[] {
  const header = headerOf(table);
  const rows = Array.from(table.rows(), (values) =>
    Object.fromEntries(header.map((name, at) => [name, values[at] ?? ''])),
  );
  const severalHosts = new Set(rows.map(({ host }) => host)).size > 1;
  return rows.map((row) => {
    const { stack, role, count } = row;
    const cell = cellOf({
      ...row,
      socket_buffers: Number(row.socket_buffers === true),
      host_axis: Number(severalHosts),
    } as CellRow);
    const frames = [cellName(cell), String(role)].map((frame) => frame.replaceAll(';', ':'));
    return `${frames.join(';')};${stack} ${count}`;
  });
}
