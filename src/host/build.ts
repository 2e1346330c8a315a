import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ExitCode, UserError } from '../errors.ts';
import { NO_EXECUTION_HINT, noExecution } from './mount.ts';
import { installCommand } from './packages.ts';
import { isAlive } from './scratch.ts';
import { requireStart, shortOf } from './start-failure.ts';

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-pthread'];
const LIBRARIES = process.platform === 'sunos' ? ['-lsocket', '-lnsl'] : [];

/**
 * Builds a program from one C file with the system's compiler, once for each source, compiler and
 * flags. Two processes that build at once both end with a whole file: the last step is a rename.
 * @returns the absolute path of the executable
 * @throws UserError with the package to install when there is no compiler
 */
export async function buildProgram(
  source: string,
  name: string,
  cacheDir: string,
): Promise<string> {
  const compiler = process.env.CC || 'cc';
  const version = await execa(compiler, ['--version'], { reject: false, stdin: 'ignore' });
  if (version.failed) {
    requireStart(compiler, version);
    throw new UserError(`no C compiler: \`${compiler} --version\` did not run`, {
      hint: `install one: ${installCommand('compiler')}; or set benchmark.program to a built ipc-benchmark`,
      exitCode: ExitCode.machine,
    });
  }
  const key = createHash('sha256')
    .update(readFileSync(source))
    .update(JSON.stringify([compiler, version.stdout, FLAGS, LIBRARIES, process.arch]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cacheDir, `${name}-${key}`);
  const target = join(folder, name);
  if (existsSync(target)) return runnable(target);

  try {
    // Nobody else may write here, whatever the umask: some of it is run as root.
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    removeStaleDrafts(folder);
  } catch (error) {
    throw new UserError(
      `cannot keep the built benchmark in ${folder}: ${(error as Error).message}`,
      {
        hint: 'set XDG_CACHE_HOME to a folder that can be written',
        exitCode: ExitCode.machine,
      },
    );
  }
  const draft = join(folder, `.building-${process.pid}`);
  const built = await execa(compiler, [...FLAGS, '-o', draft, source, ...LIBRARIES], {
    reject: false,
    stdin: 'ignore',
    all: true,
  });
  if (built.failed) {
    rmSync(draft, { force: true });
    requireStart(compiler, built);
    const short = shortOf({}, built.all);
    throw new UserError(`building ${name} failed:\n${built.all.slice(0, 4000)}`, {
      hint: short
        ? `${short.reason}: ${short.hint}`
        : 'please report this with the output of `cc --version` and `uname -a`',
      exitCode: ExitCode.machine,
    });
  }
  chmodSync(draft, statSync(draft).mode & 0o755);
  renameSync(draft, target);
  return runnable(target);
}

/** Linux says so here; elsewhere the first start shows it. @throws UserError naming the mount */
function runnable(program: string): string {
  try {
    accessSync(program, constants.X_OK);
    return program;
  } catch (error) {
    const why = noExecution(program) ?? (error as Error).message;
    throw new UserError(`cannot run what was built, ${program}: ${why}`, {
      hint: NO_EXECUTION_HINT,
      exitCode: ExitCode.machine,
    });
  }
}

/** Left by a process that was killed while it built. */
function removeStaleDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const builder = /^\.building-(\d+)$/.exec(name)?.[1];
    if (builder !== undefined && !isAlive(Number(builder))) rmSync(join(folder, name));
  }
}
