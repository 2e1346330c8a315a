import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';

/** What LibreOffice holds in a cell: numbers, truth and times are written without quotes. */
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
    const profile = pathToFileURL(join(this.#folder, 'profile'));
    const { status, stdout, stderr } = spawnSync(
      'soffice',
      [
        ...[`-env:UserInstallation=${profile}`, '--headless', ...options],
        ...['--convert-to', filter, '--outdir', join(this.#folder, out), ...files],
      ],
      { env: { ...process.env, HOME: this.#folder }, encoding: 'utf8', timeout: 600_000 },
    );
    if (status !== 0) throw new Error(`soffice ended with ${status}:\n${stdout}${stderr}`);
  }
}

const SHEETS = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true';
/** All text in quotes and nothing else, in full digits. */
const CELLS = `${SHEETS},true,false,false,false`;
const AS_SHOWN = `${SHEETS},true,true`;
