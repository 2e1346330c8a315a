import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ExitCode, UserError } from '../errors.ts';
import { buildProgram } from './build.ts';
import { requireDescriptors } from './descriptors.ts';
import { makeScratch } from './scratch.ts';

const SOURCE = fileURLToPath(new URL('./guard.c', import.meta.url));
const READY_MS = 10_000;
/** As in guard.c. */
const LONGEST_LINE = 512;
const SETTING_LINE = /^(w\/|s)[\x21-\x7e]+\t[\x20-\x7e]+\n$/;

/** A command's words, and the descriptors beyond stderr that it is to be started with. */
export interface Guarded {
  readonly words: readonly string[];
  /** For execa's `stdio`. It takes any descriptor of ours; its types know three of them. */
  readonly descriptors: readonly 2[];
}

/** A setting of the machine as it was: a file's text, or a sysctl's value. */
export interface SavedSetting {
  readonly kind: 'file' | 'sysctl';
  /** An absolute path, or a sysctl's name. */
  readonly target: string;
  readonly value: string;
}

/** Sees to it that no command outlives ipc-sweep, not even after `kill -9`. */
export interface Guard {
  /** True: there is a watcher. */
  readonly watching: boolean;
  /** How to start a command so that the watcher knows of it. It must lead its own group. */
  wrap(command: readonly string[]): Guarded;
  /** Tells the watcher that a command's group has ended. */
  release(pid: number | undefined): void;
  /**
   * Has a setting put back when the guard is closed or ipc-sweep ends, by whatever. To be called
   * before it is changed.
   * @throws UserError when there is nobody who could do so
   */
  putBackAtEnd(setting: SavedSetting): void;
  /** Ends the watcher; when it has ended, what it had to put back is put back. */
  close(): Promise<void>;
}

/** For commands that are not worth a watcher. */
export const NO_GUARD: Guard = {
  watching: false,
  wrap: (words) => ({ words, descriptors: [] }),
  release: () => {},
  putBackAtEnd: () => {
    throw unwatched();
  },
  close: async () => {},
};

/**
 * Starts the watcher, a small C program that sleeps until ipc-sweep ends.
 * @returns a guard that watches, or {@link NO_GUARD} where there is no C compiler
 */
export async function startGuard(cacheDir: string): Promise<Guard> {
  let program: string;
  try {
    program = await buildProgram(SOURCE, 'guard', cacheDir);
  } catch (error) {
    if (error instanceof UserError) return NO_GUARD;
    throw error;
  }
  requireDescriptors();
  const scratch = makeScratch('guard');
  const fifo = join(scratch.folder, 'registry');
  const watcher = execa(program, ['watch', fifo, String(process.pid)], {
    buffer: false,
    reject: false,
    detached: true,
    stdin: 'ignore',
    stderr: 'ignore',
  });
  const ready = await Promise.race([
    new Promise<boolean>((resolve) => watcher.stdout.once('data', () => resolve(true))),
    watcher.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(resolve, READY_MS, false).unref()),
  ]);
  if (!ready) {
    watcher.kill('SIGKILL');
    scratch.remove();
    return NO_GUARD;
  }
  // Opening waits for the watcher's side; the name is gone when both have it.
  const registry = openSync(fifo, 'w');
  scratch.remove();
  let open = true;
  return {
    watching: true,
    wrap: (words) => ({ words: [program, 'run', ...words], descriptors: [registry as 2] }),
    release(pid) {
      if (!open || pid === undefined) return;
      try {
        writeSync(registry, `-${pid}\n`);
      } catch {
        // The watcher has been killed; there is nobody left to tell.
      }
    },
    putBackAtEnd({ kind, target, value }) {
      const line = `${kind === 'file' ? 'w' : 's'}${target}\t${value}\n`;
      if (Buffer.byteLength(line) >= LONGEST_LINE || !SETTING_LINE.test(line)) {
        throw new Error(`not a setting that can be put back: ${JSON.stringify(line)}`);
      }
      if (!open) throw unwatched();
      try {
        writeSync(registry, line);
      } catch {
        throw unwatched();
      }
    },
    async close() {
      if (!open) return;
      open = false;
      closeSync(registry);
      await watcher;
    },
  };
}

function unwatched(): UserError {
  return new UserError('nothing of this machine is changed: there is no watcher to put it back', {
    hint: 'it is a small C program, built on first use; `ipc-sweep doctor` says what a compiler is missing',
    exitCode: ExitCode.machine,
  });
}
