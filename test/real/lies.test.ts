import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from '../cli/workplace.ts';
import { LIES, type Lie } from '../fixtures/lies/lies.ts';
import { missingProgram, untraceable } from './required.ts';

const SOURCE = fileURLToPath(new URL('../fixtures/lies/lying-benchmark.c', import.meta.url));

const without = {
  none: '',
  bpftrace: untraceable() ?? '',
  strace: process.platform === 'linux' ? missingProgram('strace') : '(skipped: needs Linux)',
};

const place = new Workplace();
afterAll(() => {
  place.remove();
});

/** Built once for each name; a program's name is what a tracer looks for. */
function built(name: string): string {
  const folder = `lies/${name || 'honest'}`;
  mkdirSync(place.path(folder), { recursive: true });
  const file = `${folder}/ipc-benchmark`;
  const lie = name === '' ? [] : [`-DLIE_${name}`];
  const options = ['-std=c11', '-O1', '-Wall', '-Wextra', '-Werror', '-pthread', ...lie];
  execFileSync('cc', [...options, '-o', place.path(file), SOURCE]);
  return file;
}

let made = 0;

async function store(lie: Lie, tracer: 'none' | 'bpftrace' | 'strace') {
  const name = `lie-${++made}`;
  place.write(
    `${name}.yaml`,
    [
      `name: ${name}`,
      `benchmark: { program: ${built(lie.name)}, bare: true, iterations: ${lie.iterations ?? 1} }`,
      `matrix: { buffer_size: 4KiB, total_size: 64KiB, ipc: ${lie.ipc}, mode: ${lie.mode} }`,
      tracer === 'bpftrace'
        ? 'trace: { tracer: bpftrace, instruments: [syscalls, pipe-states, io-sizes, io-latency, context-switches] }'
        : `trace: { tracer: ${tracer} }`,
      'trials: 1',
      'warmup: 0',

      'retry: { suspect: 0, tracer-failed: 0 }',
      '',
    ].join('\n'),
  );
  const { code, stderr } = await place.run('run', `${name}.yaml`);
  const runs = place.query<{ run_id: number; state: string; reason: string }>(
    `SELECT * FROM run_overview WHERE sweep = '${name}'`,
  );
  const run = runs.at(-1);
  const doubts = place.query<{ code: string; message: string; suspect: number }>(
    `SELECT code, message, suspect FROM warning WHERE run_id = ${run?.run_id ?? -1}`,
  );
  const calls = place.query<{ syscall: string; role: string; count: number }>(
    `SELECT * FROM syscall_count WHERE run_id = ${run?.run_id ?? -1}`,
  );
  return { code, stderr, runs, run, doubts: doubts.filter((row) => row.suspect === 1), calls };
}

const TRACERS = ['none', 'bpftrace', 'strace'] as const;

describe.each(TRACERS)('a benchmark under the tracer %s', (tracer) => {
  const told = LIES.filter(({ tracers }) =>
    tracer === 'none'
      ? tracers?.length === 0
      : tracers?.length === 0 || !tracers || tracers.includes(tracer),
  );

  it.skipIf(without[tracer]).each(
    told.map((lie) => ({
      ...lie,
      title: `${lie.name || 'the honest build'} (${lie.ipc} ${lie.mode})`,
    })),
  )('is stored correctly: $title as $state', async (lie) => {
    const { runs, run, doubts, calls, stderr } = await store(lie, tracer);
    const said = doubts.map(({ code, message }) => `${code}: ${message}`);
    expect(runs, stderr).toHaveLength(1);
    expect({ state: run?.state, reason: run?.reason, said }).toMatchObject({ state: lie.state });
    for (const code of lie.codes)
      expect(
        doubts.map((row) => row.code),
        said.join(),
      ).toContain(code);
    if (lie.state === 'completed') expect(said).toEqual([]);
    if (lie.says && tracer !== 'none') expect(said.join('\n')).toMatch(new RegExp(lie.says, 'm'));
    if (tracer === 'none') return;
    const role = lie.mode === '2thread' ? 'both' : 'sender';
    for (const [syscall, count] of Object.entries(lie.calls ?? {})) {
      const counted = calls.filter((row) => row.syscall === syscall && row.role === role);
      expect({ syscall, count: counted[0]?.count ?? 0 }).toEqual({ syscall, count });
    }
  });
});
