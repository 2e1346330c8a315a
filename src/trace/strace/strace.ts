import { createReadStream, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { Doubt } from '../../doubt.ts';
import { makeScratch, type Scratch } from '../../host/scratch.ts';
import { composeProgram } from '../compose.ts';
import { Tally } from '../session/tally.ts';
import type { Availability, Collected, Tracer, TraceSession } from '../tracer.ts';
import { StraceReader } from './strace-lines.ts';

const RAW_LIMIT = 4 * 1024 * 1024;

/**
 * System calls by ptrace: needs no root, and slows every call down by two context switches, which
 * changes what is measured. The last resort.
 */
export const strace: Tracer = {
  name: 'strace',
  instruments: ['syscalls', 'io-sizes'],
  check,
  program: () => composeProgram(['strace/command.txt'], {}),
  async open() {
    return new StraceSession(makeScratch('strace'));
  },
};

class StraceSession implements TraceSession {
  readonly #scratch: Scratch;
  #run = 0;
  #ended = false;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  get state(): 'attached' | 'ended' {
    return this.#ended ? 'ended' : 'attached';
  }

  get #file(): string {
    return join(this.#scratch.folder, `run-${this.#run}.txt`);
  }

  begin(): void {
    rmSync(this.#file, { force: true });
    this.#run++;
  }

  readonly wrap = (command: readonly string[]): readonly string[] => {
    return ['strace', '-f', '-y', '-q', '-s', '0', '-o', this.#file, '--', ...command];
  };

  async collect(_pid: number, mode: '2proc' | '2thread'): Promise<Collected> {
    const failed = (reason: string): Collected => ({
      state: 'failed',
      reason,
      raw: '',
      doubts: [],
    });
    if (!existsSync(this.#file)) return failed('strace wrote nothing');
    const reader = new StraceReader();
    const tally = new Tally();
    const doubts: Doubt[] = [];
    let raw = '';
    let cut = false;
    const readLine = (line: string) => {
      if (raw.length + line.length < RAW_LIMIT) raw += `${line}\n`;
      else cut = true;
      for (const event of reader.read(line)) {
        tally.add(event);
        if (event.kind === 'unknown' && doubts.length === 0) {
          const message = `a line of strace could not be read: ${event.line.slice(0, 200)}`;
          doubts.push({ code: 'tracer-garbled', message, suspect: true });
        }
      }
    };
    try {
      const lines = createInterface({ input: createReadStream(this.#file) });
      for await (const line of lines) readLine(line);
    } catch (error) {
      return failed(`strace's output cannot be read: ${(error as Error).message}`);
    }
    if (cut) {
      const message = `only the first ${RAW_LIMIT} characters of the tracer's output are kept`;
      doubts.push({ code: 'raw-cut', message, suspect: false });
    }
    if (reader.root === undefined) return failed('strace wrote nothing');
    const [first, ...others] = reader.withoutEnd;
    if (first === reader.root) {
      return failed("strace's output ends before the run does: is the temporary folder full?");
    }
    if (first !== undefined) {
      const message = `strace lost the end of ${others.length + 1} of the run's processes and threads`;
      doubts.push({ code: 'tracer-dropped', message, suspect: true });
    }
    return { state: 'counted', counts: tally.countsOf(reader.root, mode), raw, doubts };
  }

  async close(): Promise<boolean> {
    this.#ended = true;
    this.#scratch.remove();
    return true;
  }
}

async function check(): Promise<Availability> {
  const found = await execa('strace', ['--version'], { reject: false, stdin: 'ignore' });
  const version = /version (\S+)/.exec(found.stdout ?? '')?.[1];
  if (found.failed || version === undefined) {
    return {
      state: 'unusable',
      version: undefined,
      reason: 'strace is not installed',
      mend: 'install it: apt-get install strace, dnf install strace, apk add strace',
    };
  }
  const tried = await execa('strace', ['-o', '/dev/null', 'true'], {
    reject: false,
    stdin: 'ignore',
  });
  return tried.failed
    ? {
        state: 'unusable',
        version,
        reason: `strace may not trace here: ${tried.stderr.trim().split('\n')[0] ?? ''}`,
        mend: 'allow ptrace (in a container: --cap-add SYS_PTRACE)',
      }
    : { state: 'usable', version, reason: '', mend: '' };
}
