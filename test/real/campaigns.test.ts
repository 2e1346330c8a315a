import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MINUTES = 60_000;

/** They break a machine's disk and processes on purpose, for minutes. */
const asked = process.env.IPC_SWEEP_CAMPAIGNS === '1';
const why = asked ? '' : ' (skipped: minutes long, IPC_SWEEP_CAMPAIGNS=1 runs them)';

describe.skipIf(!asked)(`the campaigns${why}`, () => {
  it.each([
    ['faults', ['--points', '20'], '20 points'],
    ['crash', ['--kills', '40', '--agents', '10', '--others', '10'], '40 kills of ipc-sweep'],
    ['hosts', ['--breaks', '6', '--agents', '3', '--trials', '5'], '6 connections broken'],
  ])(
    '%s: nothing is lost, nothing stays behind',
    async (name, options, done) => {
      const words = [`test/campaigns/${name}.mjs`, ...options];
      const { exitCode, stdout } = await execa(process.execPath, words, {
        cwd: ROOT,
        reject: false,
        stdin: 'ignore',
        stderr: 'inherit',
      });
      expect(stdout).toContain(done);
      expect(stdout.trimEnd().split('\n').at(-1)).toContain(`test:${name}: passed`);
      expect(exitCode).toBe(0);
    },
    15 * MINUTES,
  );
});
