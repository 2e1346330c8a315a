import { headerOf, type Table, type Value } from '../../export/table.ts';
import { valueText } from '../value-text.ts';
import { type Content, html, type Markup } from './markup.ts';

/** A column as shown to the reader, made from one or more columns of a table. */
export interface Column {
  readonly label: string;
  /** Columns of the table; sorting uses the first one. */
  readonly from: readonly [string, ...string[]];
  /** Formats their values; by default the first one with its unit. */
  readonly show?: (...values: Value[]) => Content;
  /** Whether text may break anywhere, for long reasons and paths. */
  readonly prose?: boolean;
}

/** The cells of a row as they are drawn. */
export interface Drawn {
  readonly content: Content;
  /** A number is aligned to the right, and is the sorting key. */
  readonly value: Value;
  readonly prose?: boolean;
}

export interface Heading {
  readonly label: Content;
  readonly numeric: boolean;
}

/** The chosen columns of a table. Without rows there is no markup: the caller says why. */
export function tableView(
  table: Table,
  columns: readonly Column[],
  caption: string,
): Markup | undefined {
  const rows = [...table.rows()].map((row) =>
    columns.map((column): Drawn => {
      const values = column.from.map((name) => row[columnAt(table, name)] ?? null);
      const value = values[0] ?? null;
      const content = column.show?.(...values) ?? valueText(column.from[0], value);
      return { content, value, prose: column.prose ?? false };
    }),
  );
  if (rows.length === 0) return undefined;
  const headings = columns.map(({ label }, at) => ({
    label,
    numeric: rows.some((row) => typeof row[at]?.value === 'number'),
  }));
  return drawTable({ caption, headings, rows });
}

/** The index of a column in a table. */
export function columnAt(table: Table, name: string): number {
  const at = headerOf(table).indexOf(name);
  if (at < 0) throw new Error(`table ${table.name} has no column ${name}`);
  return at;
}

/** A table in its own box that scrolls if the page is narrow. */
export function drawTable(drawn: {
  readonly caption: string;
  /** Group labels above the headings, for what some of them have in common. */
  readonly groups?: readonly { readonly label: string; readonly span: number }[];
  readonly headings: readonly Heading[];
  readonly rows: readonly (readonly Drawn[])[];
}): Markup {
  const { caption, groups, headings, rows } = drawn;
  const numeric = headings.map((heading) => heading.numeric);
  return html`<div class="box" role="region" tabindex="0" aria-label="${caption}"><table${
    headings.length > WIDE && html` class="${headings.length > WIDEST ? 'widest' : 'wide'}"`
  }>
<caption>${caption}</caption>
<thead>${groups && groupRow(groups)}<tr>${headings.map(
    ({ label }, at) => html`<th scope="col"${numeric[at] && html` class="n"`}>${label}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, at) => drawCell(cell, numeric[at]))}</tr>
`,
  )}</tbody></table></div>
`;
}

/** Tables with more columns than this are printed in smaller letters, and then in the smallest. */
const [WIDE, WIDEST] = [9, 13];

function groupRow(groups: readonly { readonly label: string; readonly span: number }[]): Markup {
  return html`<tr class="groups">${groups.map(({ label, span }) =>
    label === ''
      ? html`<td colspan="${span}"></td>`
      : html`<th scope="colgroup" colspan="${span}">${label}</th>`,
  )}</tr>`;
}

function drawCell({ content, value, prose }: Drawn, numeric: boolean | undefined): Markup {
  const kind = numeric ? html` class="n"` : prose ? html` class="prose"` : '';
  const shown = typeof content === 'string' ? breakable(content) : content;
  return typeof value === 'number' && String(value) !== content
    ? html`<td${kind} data-v="${value}">${shown}</td>`
    : html`<td${kind}>${shown}</td>`;
}

/** Allows line breaks between the parts of a name, because the names of states are long. */
export function breakable(text: string): Content {
  const parts = text.split(/(?<=[|_])/);
  return parts.length === 1
    ? text
    : parts.map((part, at) => (at === 0 ? part : html`<wbr>${part}`));
}
