import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { init } from '../../src/cli/commands/init/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-init-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const limits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

/** Sets how large the files of this process may become. */
function limit(bytes: string): void {
  const { status } = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
  expect(status).toBe(0);
}

const ownLimits = () => readFileSync('/proc/self/limits', 'utf8');

it.skipIf(!limits)('leaves no half of a spec where files may not grow (needs prlimit)', () => {
  const file = join(folder, 'half.yaml');
  const terminal = { out() {} } as unknown as Terminal;
  const [, before = ''] = /^Max file size +(\S+)/m.exec(ownLimits()) ?? [];
  limit('100');
  try {
    expect(() => init({ file }, terminal)).toThrow(`cannot write ${file}: EFBIG`);
  } finally {
    limit(before);
  }
  expect(existsSync(file)).toBe(false);
  expect(init({ file }, terminal)).toBe(0);
});
