import { dirname } from 'node:path';
import { comparisonTables } from '../../../export/comparison-tables.ts';
import { writeCsv } from '../../../export/csv.ts';
import { writeFolder, writeWhole } from '../../../export/safe-file.ts';
import { ownVersion } from '../../../own-version.ts';
import type { ComparisonReport } from '../../../report/comparison-report.ts';
import { comparisonFigure } from '../../../report/figures/comparison.ts';
import { comparisonPage } from '../../../report/html/comparison-page.ts';
import { type Format, inFormat } from '../../../report/render/formats.ts';
import { renderSvg } from '../../../report/render/svg.ts';
import { Ownership } from '../../ownership.ts';
import type { Terminal } from '../../terminal.ts';
import type { CompareArguments } from './arguments.ts';
import { commandOf } from './command-of.ts';

/**
 * Writes the files that were asked for.
 * @throws UserError when one cannot be written, or there is nothing to draw in it
 */
export async function writeFiles(
  report: ComparisonReport,
  args: CompareArguments & { readonly format: Format | undefined },
  terminal: Terminal,
): Promise<void> {
  const owner = new Ownership(process.env, process.geteuid?.());
  const whole = async (path: string, what: string, content: string | Uint8Array) => {
    owner.folder(dirname(path));
    await writeFolder(dirname(path), what, () => writeWhole(path, content));
    owner.file(path);
    terminal.talk(`wrote ${path}`);
  };
  try {
    if (args.out !== undefined) {
      owner.folder(args.out);
      const tables = comparisonTables(
        report.compared,
        report.sides.map(({ selector }) => selector),
      );
      for (const { path } of await writeCsv(args.out, tables, args)) {
        owner.file(path);
        terminal.talk(`wrote ${path}`);
      }
    }
    if (args.plot !== undefined && args.format !== undefined) {
      const figure = comparisonFigure(report);
      const svg = await renderSvg(figure, 'screen', { titled: true });
      const drawn = await inFormat(args.format, svg, { figure, theme: 'screen' });
      await whole(args.plot, 'the figure', drawn);
    }
    if (args.html !== undefined) {
      await whole(
        args.html,
        'the page',
        await comparisonPage(report, commandOf(args), ownVersion()),
      );
    }
  } finally {
    owner.handBack();
  }
}
