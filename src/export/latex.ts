import { onOneLine, type TextColumn, type TextTable } from './text-table.ts';
import { writeTextTables } from './write-text-tables.ts';
import type { Writer } from './written-files.ts';

/** Writes the tables of cells for LaTeX, with the lines of the package booktabs. */
export const writeLatex: Writer = (...what) =>
  writeTextTables({ extension: 'tex', draw: latexOf }, ...what);

export function latexOf({ name, caption, columns, rows, notes }: TextTable, id: string): string {
  const line = (cells: readonly string[]) => `    ${cells.map(escaped).join(' & ')} \\\\`;
  const lines = [
    '% needs \\usepackage{booktabs}; letters beyond ASCII may need XeLaTeX or LuaLaTeX',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escaped(caption)}}`,
    `  \\label{tab:${id}-${name.replaceAll('_', '-')}}`,
    `  \\begin{tabular}{${columns.map(sideOf).join('')}}`,
    '    \\toprule',
    line(columns.map(({ heading }) => heading)),
    '    \\midrule',
    ...rows.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    '',
    '  \\medskip',
    '  \\begin{minipage}{\\linewidth}\\footnotesize',
    ...notes.map((note) => `    ${escaped(note)}`),
    '  \\end{minipage}',
    '\\end{table}',
  ];
  return `${lines.join('\n')}\n`;
}

function sideOf({ kind }: TextColumn): string {
  switch (kind) {
    case 'number':
      return 'r';
    case 'word':
      return 'l';
    case 'prose':
      return 'p{0.25\\linewidth}';
  }
}

/** Characters that are commands, or that some fonts do not have. */
const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '%': '\\%',
  '&': '\\&',
  '#': '\\#',
  $: '\\$',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '{\\ttfamily\\char34}',
  "'": '\\textquotesingle{}',
  '`': '\\textasciigrave{}',
  '–': '\\textendash{}',
  // Behind the end of a row they would be its star and its length.
  '[': '{[}',
  '*': '{*}',
  // Two of them would become one character.
  '-': '-{}',
  ',': ',{}',
};

function escaped(text: string): string {
  return onOneLine(text).replace(
    /[\\{}%&#$_~^<>|"'`–[*]|-(?=-)|,(?=,)/g,
    (found) => SPECIAL[found]!,
  );
}
