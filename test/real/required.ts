import { spawnSync } from 'node:child_process';

/**
 * Why tests that need programs cannot run here; empty when they can.
 * @throws Error where such tests must not be left out
 */
export function missingProgram(...programs: readonly string[]): string {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
  if (missing.length === 0) return '';
  const words = `${missing.join(' and ')} not installed`;
  if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
    throw new Error(`the real tests are required here, but ${words}`);
  }
  console.log(`skipping tests: ${words}`);
  return `(skipped: ${words})`;
}

/**
 * Why nothing can be traced by bpftrace here; undefined when it can be.
 * @throws Error where such tests must not be left out
 */
export function untraceable(): string | undefined {
  const why = whyNoBpftrace();
  if (why === undefined) return undefined;
  if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
    throw new Error(`the real tests are required here, but ${why}`);
  }
  console.log(`skipping what is traced: ${why}`);
  return why;
}

function whyNoBpftrace(): string | undefined {
  if (process.platform !== 'linux') return 'bpftrace needs Linux';
  if (process.getuid?.() !== 0) return 'bpftrace needs root';
  if (spawnSync('bpftrace', ['--version']).status !== 0) return 'bpftrace is not installed';
  return undefined;
}
