import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOutput } from '../../src/benchmark/output.ts';
import { replay } from '../../src/cli/commands/replay/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Figure } from '../../src/report/figure.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { createSweep } from '../../src/store/sweep-writer.ts';
import { pipeStateTable } from '../../src/trace/pipe-state-bits.ts';
import { ENVIRONMENT, exampleResult, NEW_SWEEP } from '../store/example-sweep.ts';
import { freebsdDtrace } from '../trace/recording.ts';
import { figuresOf } from './made-sweep.ts';

const SILENT: Terminal = {
  out: () => {},
  talk: () => {},
  interactive: false,
  width: 80,
  unicode: true,
  live: () => {},
  style: (_, text) => text,
};

/**
 * Stores the session that was recorded on FreeBSD 13.2, a run of each buffer size, with what its
 * tracer and its benchmark printed and without any counts; these are then read by `replay`.
 * @returns the database's file
 */
export function recordedSweep(folder: string): string {
  const file = join(folder, 'ipc-sweep.db');
  const { db, close } = openForWriting(file);
  try {
    const { runs, tracer, osName } = freebsdDtrace;
    const sweep = createSweep(db, {
      ...NEW_SWEEP,
      name: 'freebsd',
      description: 'Recorded on FreeBSD 13.2',
      runOrder: 'sequential',
      plannedRuns: runs.length,
      trials: { min: 1, max: 1, relativeCi: undefined },
      expectations: [],
      tracer,
      iterations: 1,
      bare: false,
      cells: runs.map(({ cell }) => cell),
      pipeStates: pipeStateTable('freebsd'),
    });
    const machine = { ...ENVIRONMENT, host: 'freebsd', osName, osRelease: '13.2-RELEASE' };
    const environment = recordEnvironment(db, sweep, machine, []);
    const store = runWriter(db, sweep, environment);
    for (const [at, { pid, cell, start, lines, end }] of runs.entries()) {
      const example = exampleResult(1);
      store({
        ...example,
        planned: { ...example.planned, ordinal: at + 1, cell, cellIndex: at },
        outcome: { state: 'completed', samples: samplesOf(cell) },
        startedAt: new Date(at),
        pid,
        conditions: undefined,
        counts: undefined,
        rawTrace: `${[start, ...lines, end].join('\n')}\n`,
        doubts: [],
      });
    }
  } finally {
    close();
  }
  replay({ sweep: undefined, results: folder, db: file }, SILENT);
  return file;
}

/** The figures of that sweep. @param folder is used for it, and can be removed at once */
export function recordedFigures(folder: string): readonly Figure[] {
  const db = openForReading(recordedSweep(folder));
  try {
    return figuresOf(db);
  } finally {
    db.close();
  }
}

/** The output of the benchmark, as its reader returns it. */
function samplesOf({ bufferBytes, totalBytes }: Cell) {
  const name = `freebsd-13.2/benchmark-b${bufferBytes}-t${totalBytes}-g.json`;
  const text = readFileSync(new URL(`../fixtures/recordings/${name}`, import.meta.url), 'utf8');
  const output = readOutput(text, { iterations: 1, totalBytes });
  if (output.state !== 'samples') throw new Error(`${name}: ${output.reason}`);
  return output.samples;
}
