import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bpftrace } from '../../src/trace/bpftrace/bpftrace.ts';
import { hindrance } from './traced-runs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-package-'));
const prefix = join(folder, 'prefix');
const version = (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string })
  .version;

function command(words: readonly string[], cwd = folder) {
  const [program, ...rest] = words as [string, ...string[]];
  const PATH = `${join(prefix, 'bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH, XDG_CACHE_HOME: join(folder, 'cache'), NO_COLOR: '1' };
  const ended = spawnSync(program, rest, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

beforeAll(() => {
  mkdirSync(prefix, { recursive: true });
  const quiet = ['--silent', '--ignore-scripts'];
  const packed = command(['npm', 'pack', ...quiet, '--pack-destination', folder], ROOT);
  expect(packed).toMatchObject({ code: 0 });
  const file = join(folder, `ipc-sweep-${version}.tgz`);
  const installed = command([
    ...['npm', 'install', '--global', '--prefix', prefix, '--prefer-offline'],
    ...['--no-audit', '--no-fund', '--allow-scripts=better-sqlite3', file],
  ]);
  expect(installed, installed.stderr).toMatchObject({ code: 0 });
}, 1_200_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an installed package made by `npm pack`', () => {
  const home = join(prefix, 'lib/node_modules/ipc-sweep');

  it('has its command and its manual where the system looks for them', () => {
    expect(command(['ipc-sweep', '--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect(existsSync(join(prefix, 'share/man/man1/ipc-sweep.1'))).toBe(true);
    expect(command(['ipc-sweep', 'completion']).stdout).toContain('ipc-sweep');
  });

  it('contains no source, and brings only better-sqlite3', () => {
    expect(readdirSync(home)).not.toContain('src');
    const own = readdirSync(join(home, 'bundle'), { recursive: true, encoding: 'utf8' });
    expect(own).toContain('main.js');
    expect(own.filter((name) => name.endsWith('.ts'))).toEqual([]);
    const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    expect(Object.keys(dependencies)).toEqual(['better-sqlite3']);
    const licences = readFileSync(join(home, 'bundle/LICENCES.txt'), 'utf8');
    expect(licences).toMatch(/^yargs \d/m);
    // A package without a text says at least where the text and the source are.
    expect(licences).not.toMatch(/^Licence: (?!.*, https:.*\n(Author: .*\n)?Source: )/m);
  });

  it('writes a spec whose schema an editor finds', () => {
    expect(command(['ipc-sweep', 'init', 'own.yaml'])).toMatchObject({ code: 0 });
    const [, schema] = /\$schema=(.*)/.exec(readFileSync(join(folder, 'own.yaml'), 'utf8'))!;
    expect(existsSync(schema!)).toBe(true);
    expect(command(['ipc-sweep', 'validate', 'own.yaml'])).toMatchObject({ code: 0 });
  });

  it('runs the spec of quickstart with a tracer, and draws and reports the results', async (context) => {
    const why = await hindrance(bpftrace);
    if (why) context.skip(why);
    const spec = join(home, 'experiments/quickstart.yaml');
    const ran = command(['ipc-sweep', 'run', spec]);
    // 1: on a busy machine a run may be in doubt.
    expect([0, 1], ran.stderr).toContain(ran.code);
    expect(ran.stdout + ran.stderr).toMatch(/96 runs of 8 cells, traced by bpftrace/);
    expect(command(['ipc-sweep', 'report'])).toMatchObject({ code: 0 });
    expect(command(['ipc-sweep', 'plot', '--format', 'svg,png,pdf'])).toMatchObject({ code: 0 });
    expect(command(['ipc-sweep', 'export', '--format', 'csv,xlsx,parquet'])).toMatchObject({
      code: 0,
    });
  });
});
