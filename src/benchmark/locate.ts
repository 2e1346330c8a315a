import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { noExecution } from '../host/mount.ts';
import { buildBundled } from './bundled.ts';
import { unchanged } from './unchanged.ts';

export interface BenchmarkProgram {
  /** Absolute path of the executable. */
  readonly path: string;
  /** The name the kernel shows for it, by which tracing programs find it. */
  readonly execname: string;
  readonly sha256: string;
  readonly bundled: boolean;
}

export interface LocatedBenchmark extends BenchmarkProgram {
  /** @throws UserError when it is no longer the program that was hashed */
  readonly checkUnchanged: () => void;
}

/**
 * Finds the benchmark, building the bundled one where needed.
 * @throws UserError when the program is absent, not executable, or cannot be built
 */
export async function locateBenchmark(
  program: string,
  cacheDir: string,
): Promise<LocatedBenchmark> {
  const bundled = program === 'bundled';
  const path = bundled ? await buildBundled(cacheDir) : checked(program);
  const checkUnchanged = unchanged(path);
  return {
    path,
    // Linux shows the name that was started, the others the file that a link leads to.
    execname: basename(process.platform === 'linux' ? path : realpathSync(path)),
    sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
    bundled,
    checkUnchanged,
  };
}

function checked(path: string): string {
  const hint = 'set benchmark.program to the path of a built ipc-benchmark, or to bundled';
  const refuse = (why: string) => {
    throw new UserError(`the benchmark ${path} ${why}`, { hint, exitCode: ExitCode.machine });
  };
  try {
    if (!statSync(path).isFile()) refuse('is not a file');
  } catch (error) {
    if (error instanceof UserError) throw error;
    refuse('does not exist');
  }
  try {
    accessSync(path, constants.X_OK);
  } catch {
    const forbidden = noExecution(path);
    refuse(
      forbidden === undefined ? 'is not executable (chmod +x it)' : `cannot run: ${forbidden}`,
    );
  }
  return path;
}
