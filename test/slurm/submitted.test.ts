import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { submit } from '../../src/cli/commands/slurm/submit.ts';
import { submissions } from '../../src/cli/commands/slurm/submitted.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { Slurm } from '../../src/slurm/commands.ts';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'ipc-sweep-submitted-'));
  writeFileSync(
    join(results, 'demo.yaml'),
    'name: demo\ntrace: { tracer: none }\nmatrix: { buffer_size: [512, 1KiB], total_size: 4KiB }\n',
  );
});
afterEach(() => rmSync(results, { recursive: true, force: true }));

/** Slurm that gives the ids 41, 42, and so on, and does something before each answer. */
function standIn(before: (job: number) => void): Slurm {
  let job = 40;
  return {
    submit: async () => {
      before(++job);
      return { job: String(job), cluster: undefined };
    },
  } as unknown as Slurm;
}

const folder = () => join(results, 'demo-slurm');

function submitted(slurm: Slurm) {
  const terminal = { out() {}, talk() {} } as unknown as Terminal;
  const none = { nodes: undefined, partition: undefined, time: undefined, account: undefined };
  const flags = { tune: false, allowScripts: false, allowLarge: false, print: false };
  const target = join(results, 'demo.yaml');
  return submit({ ...none, ...flags, target, results, shards: 2, sbatch: [] }, slurm, terminal);
}

it.each([
  [41, 'job 41,', 'scancel 41`'],
  [42, 'job 41 and 42,', 'scancel 41 42`'],
])('names what Slurm has when the folder is gone after job %i', async (last, jobs, command) => {
  const slurm = standIn((job) => {
    if (job !== last) return;
    rmSync(folder(), { recursive: true });
    writeFileSync(folder(), 'a file where the folder was');
  });
  await expect(submitted(slurm)).rejects.toMatchObject({
    message: expect.stringMatching(`^submitted as ${jobs} but that cannot be written to .*ENOTDIR`),
    hint: expect.stringContaining(command),
    exitCode: 3,
  });
});

it('finds submissions beside a file that is named like the folder of one', async () => {
  await submitted(standIn(() => {}));
  writeFileSync(join(results, 'notes-slurm'), '');
  mkdirSync(join(results, 'empty-slurm'));
  const found = submissions({ target: undefined, results, allowLarge: false });
  expect(found.map((each) => each.folder)).toEqual([folder()]);
});
