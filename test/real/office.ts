import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';

/** The content of a cell in LibreOffice: numbers, truth and times are written without quotes. */
export interface OfficeCell {
  readonly text: string;
  readonly isText: boolean;
}

/** LibreOffice Calc without a screen, with a profile of its own; ends when it has converted. */
export class Office {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Opens CSV files as a person would who lets it recognise dates too, and writes them anew. */
  openCsv(out: string, files: readonly string[], { semicolon }: { semicolon: boolean }): void {
    // Field and text delimiter, UTF-8, from line 1, and a locale: English or German.
    const read = `CSV:${semicolon ? 59 : 44},34,76,1,,${semicolon ? 1031 : 1033},false,true,false`;
    this.#convert(out, files, [`--infilter=${read}`], CELLS);
  }

  /** Opens a workbook and writes each sheet as `NAME-SHEET.csv`. */
  openWorkbook(out: string, file: string, { asShown }: { asShown: boolean }): void {
    this.#convert(out, [file], [], asShown ? `${AS_SHOWN},false,false,-1` : `${CELLS},-1`);
  }

  /**
   * Opens a CSV file or a workbook, makes a pivot table of one table, and writes it as
   * `OUT-pivot.csv`.
   * @param dragged what a person drags where: `row=COLUMN`, `column=COLUMN`, `filter=COLUMN=VALUE`,
   * `sum=COLUMN` or `median=COLUMN`
   */
  pivot(out: string, file: string, table: string, dragged: readonly string[]): void {
    this.#installMacro();
    const error = join(this.#folder, `${out}.error`);
    const result = join(this.#folder, `${out}.csv`);
    const words = [pathToFileURL(file), pathToFileURL(result), table, ...dragged];
    this.#start(['--norestore', 'macro:///Standard.Pivot.Main'], {
      ...{ PIVOT: words.join('|'), PIVOT_ERROR: error },
    });
    if (existsSync(error)) throw new Error(readFileSync(error, 'utf8'));
  }

  /** The first start makes the profile, and would put its own library in the place of ours. */
  #installMacro(): void {
    const library = join(this.#folder, 'profile/user/basic/Standard');
    if (existsSync(join(library, 'Pivot.xba'))) return;
    const nothing = join(this.#folder, 'nothing.csv');
    writeFileSync(nothing, '1\n');
    this.#convert('nothing', [nothing], [], CELLS);
    const escaped = readFileSync(new URL('./pivot.bas', import.meta.url), 'utf8')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;');
    writeFileSync(
      join(library, 'Pivot.xba'),
      `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Pivot" script:language="StarBasic">${escaped}</script:module>
`,
    );
    const list = join(library, 'script.xlb');
    const entry = '<library:element library:name="Pivot"/></library:library>';
    writeFileSync(list, readFileSync(list, 'utf8').replace('</library:library>', entry));
  }

  rows(...path: string[]): readonly (readonly OfficeCell[])[] {
    return parse(readFileSync(join(this.#folder, ...path)), {
      cast: (text, { quoting }): OfficeCell => ({
        text: text.replace(/\r\n?/g, '\n'),
        isText: quoting,
      }),
    });
  }

  #convert(
    out: string,
    files: readonly string[],
    options: readonly string[],
    filter: string,
  ): void {
    this.#start([
      ...[...options, '--convert-to', filter],
      ...['--outdir', join(this.#folder, out), ...files],
    ]);
  }

  #start(words: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const profile = pathToFileURL(join(this.#folder, 'profile'));
    const { status, stdout, stderr } = spawnSync(
      'soffice',
      [`-env:UserInstallation=${profile}`, '--headless', ...words],
      {
        env: { ...process.env, HOME: this.#folder, ...env },
        ...{ encoding: 'utf8', timeout: 600_000 },
      },
    );
    if (status !== 0) throw new Error(`soffice ended with ${status}:\n${stdout}${stderr}`);
  }
}

const SHEETS = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true';
/** All text in quotes and nothing else, in full digits. */
const CELLS = `${SHEETS},true,false,false,false`;
const AS_SHOWN = `${SHEETS},true,true`;
