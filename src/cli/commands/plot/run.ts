import { join } from 'node:path';
import { ExitCode, type ExitCodeValue } from '../../../errors.ts';
import { writeFolder, writeWhole } from '../../../export/safe-file.ts';
import { chooseFigures } from '../../../report/choose-figures.ts';
import type { Figure } from '../../../report/figure.ts';
import { sweepFigures } from '../../../report/figures.ts';
import {
  FIGURE_FORMATS,
  type FigureFormat,
  inFormat,
  widthOf,
} from '../../../report/render/formats.ts';
import { drawFigure } from '../../../report/render/svg.ts';
import type { ThemeName } from '../../../report/render/theme.ts';
import { sweepResults } from '../../../results/sweep-results.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { knownWords, wordsOf } from '../../comma-list.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import { sweepFolder } from '../../sweep-folder.ts';
import type { Terminal } from '../../terminal.ts';

export interface PlotArguments extends Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly out: string | undefined;
  /** If empty, all figures. */
  readonly figure: readonly string[];
  readonly format: readonly string[];
  readonly theme: ThemeName;
  readonly columns: 1 | 2;
}

/** Writes the charts of a stored sweep, and the Vega-Lite spec of each. */
export async function plot(args: PlotArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const formats = knownWords('format', args.format, FIGURE_FORMATS);
  return fromStoredSweep(args, async ({ db, sweep, owner }) => {
    const all = sweepFigures(sweepResults(db, sweep, args));
    const figures = chooseFigures(all, wordsOf(args.figure));
    if (figures.length === 0) {
      terminal.talk(`${sweep.name}-${sweep.id} has nothing to draw yet`);
      return ExitCode.runsFailed;
    }
    const folder = args.out ?? join(await sweepFolder(args, db, sweep, owner), 'figures');
    owner.folder(folder);
    await writeFolder(folder, 'the figures', async () => {
      for (const figure of figures) {
        for await (const path of writeFigure(folder, figure, { ...args, formats })) {
          owner.file(path);
          terminal.out(path);
        }
      }
    });
    return ExitCode.ok;
  });
}

async function* writeFigure(
  folder: string,
  figure: Figure,
  { theme, columns, formats }: PlotArguments & { readonly formats: readonly FigureFormat[] },
): AsyncGenerator<string> {
  const titled = theme === 'screen';
  const { svg, spec } = await drawFigure(figure, theme, { width: widthOf(theme, columns), titled });
  for (const one of formats) {
    const path = join(folder, `${figure.name}.${one}`);
    await writeWhole(path, await inFormat(one, svg, { figure, theme }));
    yield path;
  }
  const path = join(folder, `${figure.name}.vl.json`);
  await writeWhole(path, `${JSON.stringify(spec, null, 2)}\n`);
  yield path;
}
