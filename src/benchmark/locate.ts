import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { onHost } from '../host/build.ts';
import type { FileState, Host } from '../host/host.ts';
import { noExecution } from '../host/mount.ts';
import { buildBundled } from './bundled.ts';

export interface BenchmarkProgram {
  /** The absolute path of the executable on the host. */
  readonly path: string;
  /** The name that the kernel shows for it, by which tracing programs find it. */
  readonly execname: string;
  readonly sha256: string;
  readonly bundled: boolean;
}

export interface LocatedBenchmark extends BenchmarkProgram {
  /**
   * @param seen the state of its file just before a run; if there is none, its state now counts
   * @throws UserError when it is no longer the program that was hashed
   */
  readonly checkUnchanged: (seen: FileState | undefined) => Promise<void>;
}

/** A benchmark is small; a larger file is not read for hashing. */
const LARGEST = 256 * 1024 * 1024;
const EXECUTABLE = 0o111;

/**
 * Finds the benchmark on a host, and builds the bundled one if needed.
 * @param program `bundled`, or an absolute path there
 * @param key what the spec calls it
 * @throws UserError when the program is absent, not executable, or cannot be built
 */
export async function locateBenchmark(
  host: Host,
  program: string,
  key = 'benchmark.program',
): Promise<LocatedBenchmark> {
  const bundled = program === 'bundled';
  const path = bundled ? await buildBundled(host) : program;
  const refuse = (why: string) =>
    new UserError(`the benchmark ${path} ${why}${onHost(host)}`, {
      hint: `set ${key} to the path of a built ipc-benchmark, or to bundled`,
      exitCode: ExitCode.machine,
    });
  const found = await host.stat(path);
  if (found === undefined) throw refuse('does not exist');
  if (found.kind !== 'file') throw refuse('is not a file');
  if ((found.mode & EXECUTABLE) === 0) throw refuse('is not executable (chmod +x it)');
  const forbidden = await noExecution(host, path);
  if (forbidden !== undefined) throw refuse(`cannot run: ${forbidden}`);
  const content = await host.readFile(path, LARGEST);
  if (content === undefined) throw refuse('cannot be read');
  const sha256 = sha256Of(content);
  let known = identity(found);
  return {
    path,
    // Linux shows the name that was started, other systems the file that a link leads to.
    execname: posix.basename(
      host.machine.platform === 'linux' ? path : ((await host.realPath(path)) ?? path),
    ),
    sha256,
    bundled,
    async checkUnchanged(seen) {
      const state = seen ?? (await host.stat(path));
      if (state !== undefined && identity(state) === known) return;
      // If only the times changed (chmod, another link to it), compare the contents.
      const again = state && (await host.readFile(path, LARGEST));
      if (state !== undefined && again !== undefined && sha256Of(again) === sha256) {
        known = identity(state);
        return;
      }
      throw new UserError(
        `the benchmark ${path} was ${state === undefined ? 'removed' : 'changed'} during the sweep${onHost(host)}`,
        {
          hint: 'the runs so far are stored; `run` again goes on with the same program, and starts a new sweep with another',
          exitCode: ExitCode.machine,
        },
      );
    },
  };
}

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A file that is written in place keeps its inode and may keep its mtime, but not its ctime. */
function identity({ device, inode, sizeBytes, modifiedNs, changedNs }: FileState): string {
  return [device, inode, sizeBytes, modifiedNs, changedNs].join(' ');
}
