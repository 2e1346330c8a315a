import { createHash } from 'node:crypto';
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runCommandLine } from '../../src/cli/parser.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { UserError } from '../../src/errors.ts';
import type { RunResult } from '../../src/execute/outcome.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { createSweep, markSweep, type NewSweep } from '../../src/store/sweep-writer.ts';
import { CELL, ENVIRONMENT, exampleResult, NEW_SWEEP } from '../store/example-sweep.ts';

export const CELLS: readonly Cell[] = [512, 1024].map((bufferBytes) => ({
  ...CELL,
  bufferBytes,
  totalBytes: 4096,
}));

export interface HandedIn {
  /** Bandwidths of the trials of every cell, in bytes per second. */
  readonly rates: readonly number[];
  readonly change?: Partial<NewSweep>;
  readonly machine?: string;
  readonly result?: (trial: number) => Partial<RunResult>;
}

/** Stores what a student has measured. @returns the sweep's id */
export function storeSweep(
  db: Db,
  { rates, change = {}, machine = 'vm', result }: HandedIn,
): number {
  const trials = { min: rates.length, max: rates.length, relativeCi: undefined };
  const cells = change.cells ?? CELLS;
  const asked = { ...NEW_SWEEP, name: 'homework', cells, trials, iterations: 1, ...change };
  const id = createSweep(db, { ...asked, plannedRuns: cells.length * rates.length });
  const environment = recordEnvironment(db, id, { ...ENVIRONMENT, machine }, [], []);
  const store = runWriter(db, id, environment);
  for (const [at, bandwidthBytesPerS] of rates.entries()) {
    for (const [cellIndex, cell] of cells.entries()) {
      const trial = at + 1;
      const example = exampleResult(trial);
      const elapsedNs = Math.round((cell.totalBytes / bandwidthBytesPerS) * 1e9);
      store({
        ...example,
        planned: { ...example.planned, cell, cellIndex, traced: asked.tracer !== 'none' },
        outcome: { state: 'completed', samples: [{ iteration: 1, elapsedNs, bandwidthBytesPerS }] },
        doubts: [],
        ...(asked.tracer === 'none' ? { counts: undefined } : {}),
        ...result?.(trial),
      });
    }
  }
  markSweep(db, id, 'ended', new Date(0));
  return id;
}

/** A database without the files that its writer keeps beside it, as somebody hands it in. */
export function handedIn(file: string, ...sweeps: readonly HandedIn[]): string {
  mkdirSync(dirname(file), { recursive: true });
  const home = `${file}-home`;
  mkdirSync(home);
  const made = join(home, basename(file));
  const { db, close } = openForWriting(made);
  for (const sweep of sweeps) storeSweep(db, sweep);
  close();
  copyFileSync(made, file);
  return file;
}

/** Everything in a folder, with what would change if anybody touched it. */
export function around(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const path = join(folder, name);
      const { mode, size, mtimeMs, ctimeMs } = lstatSync(path);
      const content = lstatSync(path).isFile() ? readFileSync(path) : '';
      const hash = createHash('sha256').update(content).digest('hex');
      return [name, [mode, size, mtimeMs, ctimeMs, hash].join(' ')];
    }),
  );
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly talk: string;
}

/** Carries out a command line in this process. A user error is said as `main` says it. */
export async function said(...words: string[]): Promise<Said> {
  const out: string[] = [];
  const talk: string[] = [];
  const terminal: Terminal = {
    out: (line) => out.push(line),
    talk: (line) => talk.push(line),
    live: () => {},
    ...{ interactive: false, width: 80, unicode: true },
    style: (_, text) => text,
  };
  const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
  try {
    const code = await runCommandLine(words, terminal);
    return { code, out: lines(out), talk: lines(talk) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {
      code: error.exitCode,
      out: lines(out),
      talk: lines([...talk, error.message, `hint: ${error.hint}`]),
    };
  }
}
