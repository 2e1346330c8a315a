// What campaigns share that work in a copy of the project.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A folder among the temporary files that is removed when the campaign ends. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `ipc-sweep-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => process.exit(130));
  return folder;
}

/** @returns what the command printed @throws Error if it fails, with what it printed */
export function must(command, words, options) {
  const { status, error, stdout, stderr } = spawnSync(command, words, {
    ...{ encoding: 'utf8', maxBuffer: 1 << 28, ...options },
  });
  if (status === 0) return stdout;
  const said = error?.message ?? `${stdout}${stderr}`;
  throw new Error(`${command} ${words.join(' ')} failed:\n${said}`);
}

/** Copies what git would commit, and what a build has made. */
export function copyProject(folder) {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const file of must('git', words, { cwd: ROOT }).split('\0')) {
    if (file === '' || !existsSync(ROOT + file)) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(ROOT + file, join(folder, file));
  }
  for (const built of ['bundle', 'dist']) {
    cpSync(join(ROOT, built), join(folder, built), { recursive: true });
  }
}
