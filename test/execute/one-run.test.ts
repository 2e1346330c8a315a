import { chmodSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { executeRun, type RunSetting } from '../../src/execute/one-run.ts';
import { NO_GUARD } from '../../src/host/guard.ts';
import type { PlannedRun } from '../../src/plan/order.ts';
import { fileTree } from '../host/machine/file-tree.ts';

const ANSWERS = fileURLToPath(new URL('../fixtures/programs/answers', import.meta.url));
const PLANNED: PlannedRun = {
  cell: { ipc: 'pipe', mode: '2proc', bufferBytes: 512, totalBytes: 4096, socketBuffers: false },
  ...{ ordinal: 1, block: 1, cellIndex: 0, trial: 1, warmup: false, traced: false },
};
const stat = (steal: number) =>
  `cpu  1 2 3 4 5 6 7 0 0 0\ncpu0 1 2 3 4 5 6 7 ${steal} 0 0\nctxt ${steal * 100}`;

/** A benchmark that does something before it answers, on a machine of files. */
function setting(root: string, before: string): RunSetting {
  const path = `${root}/benchmark`;
  writeFileSync(path, `#!/bin/sh\n${before}\nexec ${ANSWERS} "$@"\n`);
  chmodSync(path, 0o755);
  return {
    program: { path, execname: 'benchmark', sha256: '', bundled: false },
    options: { bare: true, iterations: 1, rusage: false },
    ...{ instruments: [], events: false, scripts: [], deadlineMs: 20_000 },
    abort: new AbortController().signal,
    guard: NO_GUARD,
    machine: { root },
  };
}

it('a good run that wrote to standard error is noted with the text, and is not said to be on processor 0', async () => {
  const root = fileTree({ '/proc/stat': stat(3) });
  const said = 'ipc-benchmark: warning: not bound to CPU 0: Invalid argument';
  const run = await executeRun(PLANNED, 1, undefined, setting(root, `echo "${said}" >&2`));
  expect(run.outcome.state).toBe('completed');
  expect(run.doubts).toEqual([{ code: 'benchmark-stderr', message: said, suspect: false }]);
  expect(run.conditions).toMatchObject({ stealNs: null, contextSwitches: 0 });
});

it('a run is judged by what moved on the machine while it ran, and stays completed', async () => {
  const root = fileTree({ '/proc/stat': stat(3) });
  writeFileSync(`${root}/later`, stat(1003));
  const stolen = await executeRun(
    PLANNED,
    1,
    undefined,
    setting(root, `cp ${root}/later ${root}/proc/stat`),
  );
  expect(stolen.conditions).toMatchObject({ stealNs: 10_000_000_000, contextSwitches: 100_000 });
  expect(stolen.doubts.map(({ code }) => code)).toEqual(['steal']);
  expect(stolen.outcome.state).toBe('completed');

  const calm = await executeRun(PLANNED, 2, undefined, setting(root, ':'));
  expect(calm.conditions).toMatchObject({ stealNs: 0, contextSwitches: 0 });
  expect(calm.doubts).toEqual([]);
});
