import { onOneLine, type TextTable } from './text-table.ts';
import { writeTextTables } from './write-text-tables.ts';
import type { Writer } from './written-files.ts';

/** Writes the tables of cells for GitHub-flavoured Markdown: https://github.github.com/gfm/ */
export const writeMarkdown: Writer = (...what) =>
  writeTextTables({ extension: 'md', draw: markdownOf }, ...what);

export function markdownOf({ caption, columns, rows, notes }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [
    `**${escaped(caption)}**`,
    '',
    line(columns.map(({ heading }) => escaped(heading))),
    line(columns.map(({ kind }) => (kind === 'number' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escaped))),
    '',
    ...notes.map((note) => `- ${escaped(note)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Characters that begin markup, HTML, an entity, a link, a formula or the next cell. A backslash
 * before any of them makes it plain (CommonMark 0.31, 2.4).
 */
const SPECIAL = /[\\`*_[\]<>#|~$&@]|:(?=\/\/|[\w+-]+:)|(?<=mailto|xmpp):|(?<=www)\./gi;

function escaped(text: string): string {
  return onOneLine(text).replace(SPECIAL, '\\$&');
}
