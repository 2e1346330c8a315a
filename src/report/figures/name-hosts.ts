import type { CellRow } from '../../store/reader.ts';
import type { Figure } from '../figure.ts';
import { hostsOf } from '../value-text.ts';

/** The most hosts that a subtitle names; the data name all of them. */
const MOST_NAMES = 4;

/**
 * Names the host of each row in a figure of a sweep with several hosts. If one line connects cells
 * that were made on different machines, the figure says so itself.
 */
export function nameHosts(cells: readonly CellRow[]): (figure: Figure) => Figure {
  if (hostsOf(cells).length < 2) return (figure) => figure;
  const byNumber = new Map(cells.map((cell) => [cell.cell, cell]));
  return (figure) => {
    const { columns, rows } = figure.data;
    const at = columns.indexOf('cell');
    const cellOf = (row: (typeof rows)[number]) => byNumber.get(Number(row[at]));
    const drawn = rows.flatMap((row) => cellOf(row) ?? []);
    const data = {
      columns: [...columns.slice(0, at + 1), 'host', ...columns.slice(at + 1)],
      rows: rows.map((row) => [
        ...row.slice(0, at + 1),
        cellOf(row)?.host || null,
        ...row.slice(at + 1),
      ]),
    };
    const hosts = hostsOf(drawn);
    if (hosts.length < 2 || drawn.some((cell) => cell.host_axis === 1)) return { ...figure, data };
    const more = hosts.length - MOST_NAMES;
    const names = `${hosts.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const subtitle = `Cells of ${hosts.length} hosts: ${names}`;
    const doubt = `${subtitle}; between cells of different hosts, what differs may be the machines.`;
    return {
      ...figure,
      data,
      subtitle: [figure.subtitle ?? [], subtitle].flat().join('. '),
      caption: `${figure.caption} ${doubt}`,
      alt: `${figure.alt} ${doubt}`,
    };
  };
}
