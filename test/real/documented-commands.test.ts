import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { untraceable } from './required.ts';
import { stepsOf } from './shell-blocks.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Facts about the commands of README that it does not say itself. */
const OF_README: Readonly<Record<string, { instead: string; coveredBy: string }>> = {
  'npm run quickstart': {
    coveredBy: 'test/real/quickstart.test.ts',
    instead: 'npx ipc-sweep run experiments/quickstart.yaml',
  },
};

const missing = untraceable();

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ipc-sweep-documented-')));
afterAll(() => {
  const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && worksIn(pid));
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

function worksIn(pid: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false; // Gone meanwhile.
  }
}

/** Makes a folder like a clone, with packages and build in place. */
function clone(name: string): string {
  const copy = join(folder, name);
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = spawnSync('git', words, { cwd: ROOT, encoding: 'utf8' }).stdout;
  for (const file of listed.split('\0').filter((path) => path !== '' && existsSync(ROOT + path))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(ROOT + file, join(copy, file));
  }
  cpSync(`${ROOT}bundle`, join(copy, 'bundle'), { recursive: true });
  symlinkSync(`${ROOT}node_modules`, join(copy, 'node_modules'));
  return copy;
}

function shell(command: string, cwd: string) {
  const env = {
    ...process.env,
    XDG_CACHE_HOME: join(folder, 'cache'),
    NO_COLOR: '1',
    // Whatever a command is, nothing is to be fetched for it.
    npm_config_offline: 'true',
    // npx notes there which commands it has run.
    npm_config_cache: join(folder, 'npm'),
  };
  return spawnSync('bash', ['-c', command], { cwd, env, encoding: 'utf8', timeout: 1_200_000 });
}

/** Whether a file is there; `*` in its name stands for anything. */
function isThere(cwd: string, path: string): boolean {
  const words = basename(path)
    .split('*')
    .map((word) => word.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const parent = join(cwd, dirname(path));
  const name = new RegExp(`^${words.join('.*')}$`);
  return existsSync(parent) && readdirSync(parent).some((entry) => name.test(entry));
}

describe.skipIf(missing !== undefined)('the commands that are documented', () => {
  describe.each(['README.md', 'docs/tutorial.md'])('in %s', (document) => {
    const steps = stepsOf(readFileSync(ROOT + document, 'utf8'));
    let cwd = '';

    it('are found', () => {
      cwd = clone(basename(document, '.md'));
      expect(steps.length).toBeGreaterThan(1);
    });

    it.each(
      steps.map((step, at) => ({
        step,
        at,
        title: step.kind === 'command' ? step.command : `(write ${step.name})`,
      })),
    )('$title', ({ step }) => {
      if (step.kind === 'file') {
        writeFileSync(join(cwd, step.name), step.text);
        return;
      }
      const told = document === 'README.md' ? OF_README[step.command] : undefined;
      const { coveredBy, instead, exitCode } = { ...step, ...told };
      if (coveredBy !== undefined) expect(existsSync(ROOT + coveredBy), coveredBy).toBe(true);
      if (coveredBy !== undefined && instead === undefined) return;
      const command = instead ?? step.command;
      const { status, stdout, stderr } = shell(command, cwd);
      expect({ command, status, stderr }).toEqual({ command, status: exitCode, stderr });
      expect(stdout + stderr).toContain(step.output.join('\n').trim());
      expect(step.leaves.filter((path) => !isThere(cwd, path))).toEqual([]);
    });
  });
});
