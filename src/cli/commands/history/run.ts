import { extname } from 'node:path';
import {
  type HistorySeries,
  type HistoryStep,
  historyOf,
  isNew,
  type Since,
} from '../../../analyse/history.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { type CsvOptions, writeCsv } from '../../../export/csv.ts';
import { historyTables } from '../../../export/history-tables.ts';
import { type Content, requireReplaceable } from '../../../export/safe-file.ts';
import { ownVersion } from '../../../own-version.ts';
import { historyFigure } from '../../../report/history/figure.ts';
import { historyPage } from '../../../report/history/page.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import type { HistoryDocument } from '../../../report/json/history-schema.ts';
import {
  FIGURE_FORMATS,
  type FigureFormat,
  inFormat,
  widthOf,
} from '../../../report/render/formats.ts';
import { renderSvg } from '../../../report/render/svg.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { historyJson } from '../../history-json.ts';
import { historyLines } from '../../history-lines.ts';
import { type HistoryOrder, type LoadedHistory, loadHistory } from '../../history-sweeps.ts';
import { writeOneFile } from '../../one-file.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printCsv } from '../../print-csv.ts';
import { printJson } from '../../print-json.ts';
import { parseSelector } from '../../selector.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';

export interface HistoryArguments extends CsvOptions, Selection {
  readonly name: string;
  readonly databases: readonly string[] | undefined;
  readonly results: string;
  readonly db: readonly string[] | undefined;
  readonly by: HistoryOrder;
  readonly failOnStep: boolean;
  readonly since: string;
  readonly json: boolean;
  readonly csv: boolean;
  readonly out: string | undefined;
  readonly plot: string | undefined;
  readonly html: string | undefined;
}

/** Reports since when the cells of an experiment are faster or slower. */
export async function history(args: HistoryArguments, terminal: Terminal): Promise<ExitCodeValue> {
  if (args.json && args.csv) throw new UserError('--json and --csv exclude each other');
  const since = parseSince(args.since);
  const format = args.plot === undefined ? undefined : formatOf(args.plot);
  requireReplaceable([args.plot, args.html]);
  const selector = parseSelector(args.name);
  if (selector.sweep === undefined) {
    throw new UserError(`${JSON.stringify(args.name)} names no experiment`, {
      hint: 'name one, as in `ipc-sweep history nightly`, or nightly:ipc=pipe for some of its cells',
    });
  }
  const loaded = loadHistory(filesOf(args, selector.file), {
    selector,
    by: args.by,
    selection: args,
  });
  const series = historyOf(loaded.series);
  const isNewStep = (one: HistorySeries, step: HistoryStep) => isNew(one, step, since);
  const fresh = series.flatMap((one) =>
    (one.found?.steps ?? []).filter((step) => isNewStep(one, step)),
  ).length;
  const failed = args.failOnStep && fresh > 0;
  const [points, steps] = historyTables(series, isNewStep);
  if (args.json) {
    const document: HistoryDocument = {
      ...documentHead('history'),
      ...historyJson(loaded, series, args.by, isNewStep),
      ...{ since: args.since, failed },
    };
    printJson(document, terminal);
  } else if (args.csv) {
    printCsv(points, args, terminal);
  } else {
    for (const { message } of loaded.warnings) terminal.talk(`warning: ${printable(message)}`);
    for (const line of historyLines(loaded, series, args.by)) terminal.out(printable(line));
    if (args.failOnStep) terminal.out(`\n${gateLine(fresh, since, args.since)}`);
  }
  await writeFiles(args, format, { loaded, series, tables: [points, steps] }, terminal);
  return failed ? ExitCode.runsFailed : ExitCode.ok;
}

function filesOf(args: HistoryArguments, named: string | undefined): readonly string[] {
  const files = [
    ...(named === undefined ? [] : [named]),
    ...(args.db ?? []),
    ...(args.databases ?? []),
  ];
  if (files.length === 0) return [databaseFile({ results: args.results })];
  return [...new Set(files)].map((db) => databaseFile({ results: args.results, db }));
}

/** @throws UserError for a file whose name does not say how to draw it */
function formatOf(file: string): FigureFormat {
  const found = FIGURE_FORMATS.find((format) => extname(file) === `.${format}`);
  if (found) return found;
  throw new UserError(`--plot: expected a name that ends in .svg, .png or .pdf, got ${file}`);
}

const MOST_SWEEPS = 1_000_000;

/** @throws UserError for anything that is neither a number of sweeps nor a day */
function parseSince(text: string): Since {
  if (/^\d{1,7}$/.test(text)) {
    const sweeps = Number(text);
    if (sweeps >= 1 && sweeps <= MOST_SWEEPS) return { sweeps };
  } else if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const time = Date.parse(`${text}T00:00:00Z`);
    if (!Number.isNaN(time)) return { time };
  }
  throw new UserError(
    `--since: expected a number of sweeps such as 7, or a day such as 2026-03-04, got ${text}`,
  );
}

function gateLine(fresh: number, since: Since, written: string): string {
  const where =
    'time' in since
      ? `since ${written}`
      : `in the last ${countAndNoun(since.sweeps, 'sweep')} of a cell`;
  return fresh === 0 ? `no step ${where}` : `${countAndNoun(fresh, 'step')} ${where}`;
}

interface Found {
  readonly loaded: LoadedHistory;
  readonly series: readonly HistorySeries[];
  readonly tables: ReturnType<typeof historyTables>;
}

async function writeFiles(
  args: HistoryArguments,
  format: FigureFormat | undefined,
  { loaded, series, tables }: Found,
  terminal: Terminal,
): Promise<void> {
  const { out, plot, html, by } = args;
  const owner = new Ownership(process.env, process.geteuid?.());
  const write = async (file: string, content: Content) => {
    await writeOneFile(file, content, owner);
    terminal.talk(`wrote ${file}`);
  };
  try {
    if (out !== undefined) {
      owner.folder(out);
      for (const { path } of await writeCsv(out, tables, args)) {
        owner.file(path);
        terminal.talk(`wrote ${path}`);
      }
    }
    if (plot !== undefined && format !== undefined) {
      const title = `Bandwidth of ${loaded.name} over its sweeps`;
      const figure = historyFigure(series, { name: 'history', title, isOverTime: by === 'time' });
      const options = { width: widthOf('screen', 2), titled: true };
      const svg = await renderSvg(figure, 'screen', options);
      await write(plot, await inFormat(format, svg, { figure, theme: 'screen' }));
    }
    if (html !== undefined) {
      await write(html, await historyPage({ ...loaded, series, by }, ownVersion()));
    }
  } finally {
    owner.handBack();
  }
}
