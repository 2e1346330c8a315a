import type { Writer } from './written-files.ts';

interface FormatDefinition {
  /** An explanation of its name, if it needs one. */
  readonly words?: string;
  /** Imports what it needs only when it is called: some formats need large libraries. */
  readonly write: Writer;
}

/** Every format in which tables are written, in the order of the documentation. */
const DEFINITIONS = {
  csv: {
    write: async (...what) => (await import('./csv-package.ts')).writePackage(...what),
  },
  xlsx: {
    words: 'a workbook',
    write: async (folder, sweep, tables) =>
      (await import('./workbook.ts')).writeWorkbook(folder, sweep, tables),
  },
  parquet: {
    write: async (folder, _, tables) => (await import('./parquet.ts')).writeParquet(folder, tables),
  },
  md: {
    words: 'the tables of cells in Markdown',
    write: async (...what) => (await import('./markdown.ts')).writeMarkdown(...what),
  },
  adoc: {
    words: 'in AsciiDoc',
    write: async (...what) => (await import('./asciidoc.ts')).writeAsciidoc(...what),
  },
  tex: {
    words: 'in LaTeX',
    write: async (...what) => (await import('./latex.ts')).writeLatex(...what),
  },
  folded: {
    words: 'the stacks of the instrument profile, for speedscope and FlameGraph',
    write: async (...what) => (await import('./folded.ts')).writeFolded(...what),
  },
} as const satisfies Record<string, FormatDefinition>;

export type TableFormat = keyof typeof DEFINITIONS;
export const TABLE_FORMATS = Object.keys(DEFINITIONS) as readonly TableFormat[];

/** `csv, xlsx (a workbook), ...`: the formats, for the help of an option. */
export const TABLE_FORMAT_WORDS = Object.entries<FormatDefinition>(DEFINITIONS)
  .map(([name, { words }]) => (words === undefined ? name : `${name} (${words})`))
  .join(', ');

export function writerOf(format: TableFormat): Writer {
  return DEFINITIONS[format].write;
}
