import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { asciidocOf } from '../../src/export/asciidoc.ts';
import { writeTableFiles } from '../../src/export/files.ts';
import { latexOf } from '../../src/export/latex.ts';
import { markdownOf } from '../../src/export/markdown.ts';
import { paperTables } from '../../src/export/paper-tables.ts';
import { sweepTables } from '../../src/export/tables.ts';
import { onOneLine, type TextTable } from '../../src/export/text-table.ts';
import type { WriterOptions } from '../../src/export/written-files.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { SWEEP_KINDS } from '../report/json/sweep-kinds.ts';
import { HOSTILE } from './hostile-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OPTIONS: WriterOptions = { preset: 'analysis', semicolon: false };

/** Reads a text token by token. @throws for anything that no token stands for */
function tokens(text: string, token: RegExp, plain: (found: RegExpExecArray) => string): string {
  let read = '';
  for (let at = 0; at < text.length; ) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) throw new Error(`markup at ${JSON.stringify(text.slice(at, at + 20))}`);
    read += plain(found);
    at = token.lastIndex;
  }
  return read;
}

/** The rows of a table in Markdown, read by the rules of GFM. */
function markdownRows(text: string): readonly (readonly string[])[] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) =>
        tokens(
          cell.trim(),
          /&#8203;()|&#(\d+);|(?!www\.|:\/\/|[\\`*_<>#~$&@|[\]])(.)/isuy,
          ([, nothing, number, other]) => nothing ?? other ?? String.fromCharCode(Number(number)),
        ),
      ),
  );
}

function asciidocRows(text: string, columns: number): readonly (readonly string[])[] {
  const [, table = ''] = text.split(/^\|===$/m);
  const cells = table.split('\n').filter((line) => line !== '');
  const read = cells.map((cell) => {
    if (!cell.startsWith('|')) throw new Error(`a line without its bar: ${cell}`);
    return tokens(
      cell.slice(1),
      /&#(\d+);|(?!::|:\/|--|\.\.|;;|==|\(\()([^#*_`^~{}[\]<>|\\@&+'"$])/uy,
      ([, number, other]) => (number === undefined ? other! : String.fromCharCode(Number(number))),
    );
  });
  return Array.from({ length: read.length / columns }, (_, at) =>
    read.slice(at * columns, (at + 1) * columns),
  ).slice(1);
}

const LATEX: Readonly<Record<string, string>> = {
  ...{ textbackslash: '\\', textasciitilde: '~', textasciicircum: '^', textless: '<' },
  ...{ textgreater: '>', textbar: '|', textquotesingle: "'", textasciigrave: '`' },
  textendash: '–',
};

function latexRows(text: string): readonly (readonly string[])[] {
  const [, rows = ''] = /\\midrule\n([\s\S]*?) *\\bottomrule/.exec(text) ?? [];
  const lines = rows.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [, content] = /^ {4}(.*) \\\\$/u.exec(line) ?? [];
    if (content === undefined) throw new Error(`no row: ${line}`);
    return content
      .split(/(?<!\\) ?& ?/)
      .map((cell) =>
        tokens(
          cell,
          /\\([{}%&#$_])|\\(text[a-z]+)\{\}|\{\\ttfamily\\char(34)\}|\{([[*])\}|([-,])\{\}|(?!--|,,)([^\\{}%&#$_~^<>|"'`[*–])/uy,
          ([, escaped, name, number, braced, single, other]) =>
            escaped ??
            (name === undefined ? undefined : LATEX[name]) ??
            (number === undefined ? undefined : '"') ??
            braced ??
            single ??
            other!,
        ),
      );
  });
}

const FORMATS = {
  Markdown: { draw: markdownOf, rows: markdownRows },
  AsciiDoc: { draw: asciidocOf, rows: (text: string) => asciidocRows(text, 2) },
  LaTeX: { draw: (table: TextTable) => latexOf(table, 'x-1'), rows: latexRows },
};

const tableOf = (
  rows: readonly (readonly string[])[],
  texts: readonly string[] = [],
): TextTable => ({
  name: 'summary',
  caption: texts.join(' '),
  columns: [
    { heading: 'n (runs)', kind: 'number' },
    { heading: 'what', kind: 'prose' },
  ],
  rows,
  notes: texts,
});

/** Texts of what has a meaning in one of the formats, and of anything else. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...'\\|&#*_`~^{}[]<>$%@!?+-=:;.,/\'"() \n\t–a1',
        ...['www.', 'http://', '\\\\', '||', '--', 'mailto:', '&amp;', '\r\n', '::', 'a|', '2+|'],
      ),
    )
    .map((parts) => parts.join('')),
);

describe.each(Object.entries(FORMATS))('a table in %s', (_, { draw, rows: read }) => {
  it('reads back with the same cells, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (rows) => {
        // An empty cell between bars would be no cell to this test's reader of Markdown.
        const filled = rows.map((row) => row.map((cell) => onOneLine(cell) || 'x'));
        expect(read(draw(tableOf(filled)))).toEqual(filled);
      }),
      { numRuns: 500 },
    );
  });

  it('has a line for each row and note, and no control character, whatever is in them', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const lines = (of: TextTable) => draw(of).split('\n').length;
        const table = tableOf([[one, other]], [one, other]);
        expect(lines(table)).toBe(lines(tableOf([['1', 'x']], ['a', 'b'])));
        expect(draw(table)).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
      }),
    );
  });

  it('preserves texts that programs could take for something else', () => {
    const rows = HOSTILE.map((hostile) => [onOneLine(hostile) || 'x', 'y']);
    expect(read(draw(tableOf(rows)))).toEqual(rows);
  });
});

function filled(name: string, fill: (db: Db) => void) {
  const { db, close } = openForWriting(join(folder, `${name}.db`));
  fill(db);
  const sweep = chooseSweep(db, undefined);
  return { sweep, results: sweepResults(db, sweep, { suspect: false }), close };
}

function tablesOf(kind: string, options: Partial<WriterOptions> = {}): readonly TextTable[] {
  const { sweep, results, close } = filled(`tables ${kind}`, SWEEP_KINDS[kind]!);
  try {
    return paperTables(sweep, sweepTables(results), { ...OPTIONS, ...options });
  } finally {
    close();
    rmSync(join(folder, `tables ${kind}.db`));
  }
}

const columnOf = ({ columns, rows }: TextTable, heading: string) =>
  rows.map((row) => row[columns.findIndex((column) => column.heading === heading)]);

describe('the tables for print', () => {
  it('have units in their headings, intervals, and notes on n and the method', () => {
    const [summary, ...others] = tablesOf('with controls', {
      missing: [{ name: 'io-sizes', reason: 'no probe' }],
    });
    expect(summary!.columns.map(({ heading }) => heading)).toEqual([
      ...['buffer (bytes)', 'n (runs)', 'median (MiB/s)', '95% interval (MiB/s)', 'variation (%)'],
      ...['probe effect (%)', '97% interval (%)'],
    ]);
    expect(summary!.rows[0]!.slice(0, 2)).toEqual(['32', '6']);
    for (const cell of summary!.rows[0]!.slice(2)) expect(cell).toMatch(/^[\d.]+( to [\d.]+)?$/);
    const notes = summary!.notes.join(' ');
    expect(notes).toContain('In every cell: channel pipe, mode 2proc, total 64 MiB.');
    expect(notes).toContain('n counts runs, each a process of its own.');
    expect(notes).toContain('Hettmansperger and Sheather 1986');
    expect(notes).toContain('Bandwidths are of untraced runs.');
    expect(notes).toContain('Without io-sizes: no probe.');
    expect(others.map(({ name }) => name)).toContain('probe_effect');
  });

  it('have the median of summary.csv in four digits', () => {
    const { results, close } = filled('digits', SWEEP_KINDS['until a precision']!);
    const [first] = results.summaries;
    close();
    const shown = Number(columnOf(tablesOf('until a precision')[0]!, 'median (MiB/s)')[0]);
    expect(Math.abs(shown / (first!.bandwidth!.median / 2 ** 20) - 1)).toBeLessThan(0.0005);
  });

  it('name the axes in which cells differ, and give the level of each interval where levels differ', () => {
    expect(columnOf(tablesOf('on two hosts')[0]!, 'host')).toEqual(['board-1', 'board-2']);
    expect(columnOf(tablesOf('of two programs')[0]!, 'program')).toEqual(['new', 'base']);
    const [summary] = tablesOf('with expectations that fail');
    expect(summary!.columns.map(({ heading }) => heading)).toContain('94% interval (MiB/s)');
  });

  it('show a dash where there is nothing', () => {
    const tables = tablesOf('without a good run');
    expect(columnOf(tables[0]!, 'median (MiB/s)')).toEqual(['–', '–']);
    expect(tables.map(({ name }) => name)).toEqual(['summary', 'expectations', 'doubts']);
    expect(columnOf(tables[2]!, 'code')).toContain('missing');
  });

  it('are written to files of their own, with the same bytes each time, and old ones are removed', async () => {
    const { sweep, results, close } = filled('files', SWEEP_KINDS['with controls']!);
    const out = join(folder, 'out');
    const write = () =>
      writeTableFiles(out, sweep, sweepTables(results), {
        ...OPTIONS,
        formats: ['md', 'adoc', 'tex'],
      });
    const { files } = await write();
    const names = readdirSync(out).sort();
    expect(files.map(({ path }) => path).sort()).toEqual(names.map((name) => join(out, name)));
    expect(names).toContain('summary.md');
    expect(names).toContain('probe_effect.tex');
    expect(names).not.toContain('runs.md');
    const before = names.map((name) => readFileSync(join(out, name), 'utf8'));
    writeFileSync(join(out, 'bandwidth_fit.adoc'), 'of an earlier export');
    await write();
    close();
    expect(names.map((name) => readFileSync(join(out, name), 'utf8'))).toEqual(before);
    expect(existsSync(join(out, 'bandwidth_fit.adoc'))).toBe(names.includes('bandwidth_fit.adoc'));
  });
});
