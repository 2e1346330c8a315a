import { comparisonTables } from '../../../export/comparison-tables.ts';
import { writeCsv } from '../../../export/csv.ts';
import { ownVersion } from '../../../own-version.ts';
import type { ComparisonReport } from '../../../report/comparison-report.ts';
import { comparisonFigure } from '../../../report/figures/comparison.ts';
import { comparisonPage } from '../../../report/html/comparison-page.ts';
import { type FigureFormat, inFormat } from '../../../report/render/formats.ts';
import { renderSvg } from '../../../report/render/svg.ts';
import { writeOneFile } from '../../one-file.ts';
import { Ownership } from '../../ownership.ts';
import type { Terminal } from '../../terminal.ts';
import type { CompareArguments } from './arguments.ts';
import { commandOf } from './command-of.ts';

/**
 * Writes the files that were asked for.
 * @throws UserError when one cannot be written, or there is nothing to draw in it
 */
export async function writeComparisonFiles(
  report: ComparisonReport,
  args: CompareArguments & { readonly format: FigureFormat | undefined },
  terminal: Terminal,
): Promise<void> {
  const owner = new Ownership(process.env, process.geteuid?.());
  const write = async (path: string, content: string | Uint8Array) => {
    await writeOneFile(path, content, owner);
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
      await write(args.plot, drawn);
    }
    if (args.html !== undefined) {
      await write(args.html, await comparisonPage(report, commandOf(args), ownVersion()));
    }
  } finally {
    owner.handBack();
  }
}
