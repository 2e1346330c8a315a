import { join } from 'node:path';
import type { Argv } from 'yargs';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { writeFolder, writeWhole } from '../../export/safe-file.ts';
import { cellSummaries } from '../../export/summary-tables.ts';
import { chooseFigures } from '../../report/choose-figures.ts';
import type { Figure } from '../../report/figure.ts';
import { sweepFigures } from '../../report/figures.ts';
import { FORMATS, type Format, inFormat, widthOf } from '../../report/render/formats.ts';
import { drawFigure } from '../../report/render/svg.ts';
import { THEMES, type ThemeName } from '../../report/render/theme.ts';
import type { Selection } from '../../store/cell-data.ts';
import { openForReading } from '../../store/open.ts';
import { chooseSweep } from '../../store/reader.ts';
import { databaseFile, withDatabase, withSelection } from '../options.ts';
import { Ownership } from '../ownership.ts';
import type { Terminal } from '../terminal.ts';

export interface PlotArguments extends Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
  /** None: all. */
  readonly figure: readonly string[];
  readonly format: readonly Format[];
  readonly theme: ThemeName;
  readonly columns: 1 | 2;
}

export const plotOptions = (yargs: Argv) =>
  withSelection(withDatabase(yargs))
    .positional('sweep', { type: 'string', describe: 'Its id, name, or name-id [default: newest]' })
    .option('figure', {
      type: 'string',
      array: true,
      default: [] as string[],
      requiresArg: true,
      describe: 'Only this figure, or those whose names begin so; repeat it for several',
    })
    .option('format', {
      choices: FORMATS,
      array: true,
      default: ['svg'] as Format[],
      requiresArg: true,
      describe: 'Repeat it for several',
    })
    .option('theme', {
      choices: THEMES,
      default: 'screen' as const,
      describe: 'With titles and in pixels, or for paper, without titles',
    })
    .option('columns', {
      choices: [1, 2] as const,
      default: 1 as const,
      describe: 'Wide as one column of a page (84 mm), or as two (178 mm)',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder for the files [default: RESULTS/NAME-ID/figures]',
    })
    // Otherwise the last of several figures would be the only one; and a sweep could be taken for one.
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .middleware((args: Record<string, unknown>) => {
      for (const name of ['results', 'db', 'out', 'theme', 'columns', 'suspect']) {
        const value = args[name];
        if (Array.isArray(value)) args[name] = value.at(-1);
      }
    }, true);

/** Writes the charts of a stored sweep, and the Vega-Lite spec of each. */
export async function plot(args: PlotArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const owner = new Ownership(process.env, process.geteuid?.());
  const db = openForReading(databaseFile(args));
  try {
    db.exec('BEGIN');
    const sweep = chooseSweep(db, args.sweep);
    const all = sweepFigures(db, sweep, args, cellSummaries(db, sweep, args));
    const figures = chooseFigures(all, args.figure);
    if (figures.length === 0) {
      terminal.talk(`${sweep.name}-${sweep.id} has nothing to draw yet`);
      return ExitCode.runsFailed;
    }
    const folder = args.out ?? join(args.results, `${sweep.name}-${sweep.id}`, 'figures');
    owner.folder(folder);
    await writeFolder(folder, 'the figures', async () => {
      for (const figure of figures) {
        for await (const path of writeFigure(folder, figure, args)) {
          owner.file(path);
          terminal.out(path);
        }
      }
    });
    return ExitCode.ok;
  } finally {
    db.close();
    owner.handBack();
  }
}

async function* writeFigure(
  folder: string,
  figure: Figure,
  { theme, columns, format }: PlotArguments,
): AsyncGenerator<string> {
  const titled = theme === 'screen';
  const { svg, spec } = await drawFigure(figure, theme, { width: widthOf(theme, columns), titled });
  for (const one of new Set(format)) {
    const path = join(folder, `${figure.name}.${one}`);
    await writeWhole(path, await inFormat(one, svg, { figure, theme }));
    yield path;
  }
  const path = join(folder, `${figure.name}.vl.json`);
  await writeWhole(path, `${JSON.stringify(spec, null, 2)}\n`);
  yield path;
}
