import type { Doubt } from '../../doubt.ts';
import type { Host } from '../../host/host.ts';
import { installCommand, systemOf } from '../../host/packages.ts';
import { runSmall } from '../../host/run-small.ts';
import { instrumentsAt } from '../../instruments/instruments.ts';
import { composeProgram } from '../compose.ts';
import { Tally } from '../session/tally.ts';
import type { Availability, Collected, Tracer, TraceSession } from '../tracer.ts';
import { StraceReader } from './strace-lines.ts';

const RAW_LIMIT = 4 * 1024 * 1024;
/** Enough for about four million calls, at about 60 bytes per line. */
const FILE_LIMIT = 256 * 1024 * 1024;

/**
 * Traces system calls with ptrace. It needs no root, but slows every call down by two context
 * switches, which changes what is measured. Therefore it is the last resort.
 */
export const strace: Tracer = {
  name: 'strace',
  needsRoot: false,
  scripts: undefined,
  eventsOn: () => false,
  options: false,
  instrumentsOn: () => instrumentsAt('strace'),
  // It is started with each run, so nothing is attached. Each call stops the benchmark twice.
  costOn: () => ({
    attachSeconds: 0,
    detachSeconds: 0,
    runSeconds: 0.015,
    messageSeconds: 80e-6,
    scriptSeconds: 0,
  }),
  check,
  program: () => composeProgram(['trace/programs/strace/command.txt'], {}),
  async open(host) {
    return new StraceSession(host, await host.send('strace.txt', Buffer.alloc(0)));
  },
};

class StraceSession implements TraceSession {
  readonly #host: Host;
  /** The file's path on the host; strace empties the file at each start. */
  readonly #file: string;
  #ended = false;

  constructor(host: Host, file: string) {
    this.#host = host;
    this.#file = file;
  }

  get state(): 'attached' | 'ended' {
    return this.#ended ? 'ended' : 'attached';
  }

  begin(): void {}

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
    const written = await this.#host.readFile(this.#file, FILE_LIMIT + 1);
    if (written === undefined || written.length === 0) return failed('strace wrote nothing');
    if (written.length > FILE_LIMIT) {
      return failed(`strace wrote more than ${FILE_LIMIT} bytes about one run`);
    }
    const reader = new StraceReader();
    const tally = new Tally();
    const doubts: Doubt[] = [];
    const text = written.toString('utf8');
    for (const line of text.split('\n')) {
      for (const event of reader.read(line)) {
        tally.add(event);
        if (event.kind === 'unknown' && doubts.length === 0) {
          const message = `a line of strace could not be read: ${event.line.slice(0, 200)}`;
          doubts.push({ code: 'tracer-garbled', message, suspect: true });
        }
      }
    }
    const raw =
      text.length <= RAW_LIMIT ? text : text.slice(0, text.lastIndexOf('\n', RAW_LIMIT) + 1);
    if (raw.length < text.length) {
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
    if (!this.#ended) await this.#host.discard(this.#file);
    this.#ended = true;
    return true;
  }
}

async function check(host: Host): Promise<Availability> {
  const found = await runSmall(host, { words: ['strace', '--version'] });
  const version = /version (\S+)/.exec(found.stdout)?.[1];
  if (!found.ok || version === undefined) {
    return {
      state: 'unusable',
      version: undefined,
      reason: 'strace is not installed',
      mend: `install it: ${installCommand('strace', await systemOf(host))}`,
    };
  }
  const tried = await runSmall(host, { words: ['strace', '-o', '/dev/null', 'true'] });
  return !tried.ok
    ? {
        state: 'unusable',
        version,
        reason: `strace may not trace here: ${tried.stderr.split('\n')[0] ?? ''}`,
        mend: 'allow ptrace (in a container: --cap-add SYS_PTRACE)',
      }
    : { state: 'usable', version, reason: '', mend: '' };
}
