import { escapedMarkdown } from './escaped-markdown.ts';
import type { TextTable } from './text-table.ts';
import { writeTextTables } from './write-text-tables.ts';
import type { Writer } from './written-files.ts';

/** Writes the tables of cells for GitHub-flavoured Markdown: https://github.github.com/gfm/ */
export const writeMarkdown: Writer = (...what) =>
  writeTextTables({ extension: 'md', draw: markdownOf }, ...what);

export function markdownOf({ caption, columns, rows, notes }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [
    `**${escapedMarkdown(caption)}**`,
    '',
    line(columns.map(({ heading }) => escapedMarkdown(heading))),
    line(columns.map(({ kind }) => (kind === 'number' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escapedMarkdown))),
    '',
    ...notes.map((note) => `- ${escapedMarkdown(note)}`),
  ];
  return `${lines.join('\n')}\n`;
}
