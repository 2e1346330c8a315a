import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOutput } from '../../src/benchmark/output.ts';
import { replay } from '../../src/cli/commands/replay.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { Cell } from '../../src/spec/cell.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { openForWriting } from '../../src/store/open.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { createSweep } from '../../src/store/sweep-writer.ts';
import { pipeStateTable } from '../../src/trace/pipe-state-bits.ts';
import { freebsdDtrace } from '../trace/recording.ts';

const SILENT: Terminal = {
  out: () => {},
  talk: () => {},
  interactive: false,
  width: 80,
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
      name: 'freebsd',
      description: 'Recorded on FreeBSD 13.2',
      identity: 'f'.repeat(64),
      specFile: '/spec.yaml',
      specText: 'name: freebsd',
      seed: 1,
      runOrder: 'sequential',
      plannedRuns: runs.length,
      warmup: 0,
      trials: { min: 1, max: 1, relativeCi: undefined },
      budgetMs: undefined,
      expectations: [],
      controls: false,
      tracer,
      traceProgram: '',
      traceProgramSha256: '0'.repeat(64),
      instruments: ['syscalls', 'pipe-states', 'io-sizes'],
      benchmarkPath: '/ipc-benchmark',
      benchmarkSha256: '1'.repeat(64),
      iterations: 1,
      bare: false,
      rusage: true,
      startedAt: new Date(0),
      cells: runs.map(({ cell }) => cell),
      pipeStates: pipeStateTable('freebsd'),
      scripts: [],
    });
    const environment = recordEnvironment(
      db,
      sweep,
      {
        host: 'freebsd',
        capturedAt: new Date(0),
        osName,
        osRelease: '13.2-RELEASE',
        osVersion: 'FreeBSD 13.2-RELEASE',
        architecture: 'x64',
        cpuModel: 'recorded',
        cpuCount: 1,
        memoryBytes: 2 ** 30,
        load1min: 0,
        nodeVersion: 'v20',
        ipcSweepVersion: '0.1.0',
        tracerVersion: 'dtrace',
      },
      [],
    );
    const store = runWriter(db, sweep, environment);
    for (const [at, { pid, cell, start, lines, end }] of runs.entries()) {
      store({
        planned: {
          ...{ ordinal: at + 1, block: 1, cell, cellIndex: at, trial: 1 },
          ...{ warmup: false, traced: true },
        },
        attempt: 1,
        outcome: { state: 'completed', samples: samplesOf(cell) },
        startedAt: new Date(at),
        wallNs: 1,
        exitCode: 0,
        signal: null,
        pid,
        stderrTail: '',
        conditions: undefined,
        counts: undefined,
        rawTrace: `${[start, ...lines, end].join('\n')}\n`,
        scripts: [],
        doubts: [],
      });
    }
  } finally {
    close();
  }
  replay({ sweep: undefined, results: folder, db: file }, SILENT);
  return file;
}

/** What the benchmark printed, as the reader of its output has it. */
function samplesOf({ bufferBytes, totalBytes }: Cell) {
  const name = `freebsd-13.2/benchmark-b${bufferBytes}-t${totalBytes}-g.json`;
  const text = readFileSync(new URL(`../fixtures/recordings/${name}`, import.meta.url), 'utf8');
  const output = readOutput(text, { iterations: 1, totalBytes });
  if (output.state !== 'samples') throw new Error(`${name}: ${output.reason}`);
  return output.samples;
}
