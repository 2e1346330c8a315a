import { OF_RUN } from './columns.ts';
import { CHAPTERS } from './definitions.ts';
import type { TableShape } from './table.ts';

type Columns = TableShape['columns'];

/** Text between these lines is generated from the definitions; the rest is written by hand. */
const MARKED = /(<!-- columns: (\w+) -->\n)[\s\S]*?(<!-- end of columns -->)/g;

/** Returns the text of docs/csv.md with its tables updated from the definitions. */
export function renewed(text: string): string {
  const chapters = chapterTexts();
  return text.replace(MARKED, (_, begin: string, name: string, end: string) => {
    const chapter = chapters.get(name);
    if (chapter === undefined) throw new RangeError(`no chapter is called ${name}`);
    return `${begin}\n${chapter}\n${end}`;
  });
}

function chapterTexts(): ReadonlyMap<string, string> {
  /** Columns that a reader has already met, and the words that say where. */
  const known = [
    {
      columns: OF_RUN as Columns,
      words: 'as in [every table that names a run](#tables-that-name-a-run)',
    },
  ];
  const texts = new Map([['run', columnTable(OF_RUN)]]);
  for (const [chapter, tables] of Object.entries(CHAPTERS)) {
    const sections = tables.map((table) => {
      const { name, columns } = table;
      const met = known
        .map(({ columns: other, words }) => ({ shared: sharedStart(columns, other), words }))
        .find(({ shared }) => shared > 1);
      known.push({ columns, words: `as in \`${name}.csv\`` });
      return `## ${name}.csv\n\n${linked(table.description)}\n\n${columnTable(columns, met)}${keysOf(table)}`;
    });
    texts.set(chapter, sections.join('\n'));
  }
  return texts;
}

/** The number of columns with the same meaning with which two tables begin. */
function sharedStart(columns: Columns, other: Columns): number {
  const differs = columns.findIndex((column, at) => {
    const counterpart = other[at];
    return (
      counterpart === undefined ||
      nameOf(column) !== nameOf(counterpart) ||
      column.description !== counterpart.description
    );
  });
  return differs < 0 ? columns.length : differs;
}

function columnTable(columns: Columns, { shared, words } = { shared: 0, words: '' }): string {
  const met = columns.slice(0, shared).map(nameOf).join(', ');
  const rows = columns
    .slice(shared)
    .map((column) => [
      nameOf(column),
      typeOf(column),
      column.unit ?? '',
      linked(column.description),
    ]);
  return markdownTable(shared > 0 ? [[met, '', '', words], ...rows] : rows);
}

/** A table of columns in Markdown. @param rows name, type, unit and meaning of each column */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const lines = [['column', 'type', 'unit', 'meaning'], ['---', '---', '---', '---'], ...rows].map(
    (cells) => `|${cells.map(cellOf).join('|')}|`,
  );
  return `${lines.join('\n')}\n`;
}

function cellOf(text: string): string {
  return text === '' ? ' ' : ` ${text.replaceAll('|', '\\|')} `;
}

function keysOf({ primaryKey, references = {} }: TableShape): string {
  const sentences = [
    ...(primaryKey ? [`Key: ${primaryKey.map(code).join(', ')}.`] : []),
    ...Object.entries(references).map(
      ([name, other]) => `${code(name)} names a row of \`${other}.csv\`.`,
    ),
  ];
  return sentences.length > 0 ? `\n${sentences.join(' ')}\n` : '';
}

function nameOf(column: Columns[number]): string {
  return 'family' in column ? column.family : code(column.name);
}

const TYPES = {
  integer: 'whole number',
  number: 'number',
  string: 'text',
  any: 'number or text',
  boolean: '`true`, `false`',
  timestamp: 'ISO 8601, UTC',
  datetime: 'date and time',
} as const;

function typeOf({ type, values }: Columns[number]): string {
  return values ? values.map(code).join(', ') : TYPES[type];
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Turns the name of a documentation page into a link to it. */
export function linked(text: string): string {
  return text.replaceAll(/docs\/([\w-]+\.md)/g, '[docs/$1]($1)');
}
