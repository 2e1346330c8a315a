import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../../src/trace/session/events.ts';
import type { SessionOptions } from '../../../src/trace/session/process-session.ts';
import { EVENT_LIMIT } from '../../../src/trace/session/tally.ts';
import { begun, readLine } from './by-hand.ts';

const ROOT = 7;
const EXIT = 'exit 7 1 1';

/** The doubts about a run of which these lines come. */
async function doubtsOf(lines: readonly string[], options: Partial<SessionOptions> = {}) {
  const { tracer, session } = await begun(options);
  tracer.print(...lines, EXIT);
  const collected = await session.collect(ROOT, '2proc');
  tracer.end({ exitCode: 0 });
  return collected.doubts;
}

/** Why a run has failed whose tracer says these lines on stderr and ends. */
async function lastWords(lines: readonly string[]) {
  const { tracer, session } = await begun();
  tracer.complain(...lines);
  tracer.end({ exitCode: 1 });
  const collected = await session.collect(ROOT, '2proc');
  return collected.state === 'failed' ? collected.reason.replace(/^dtrace ended with /, '') : '';
}

describe('the doubts about a run', () => {
  it('name a map that was full', async () => {
    const message = 'the map @syscalls was full (16384 keys): what found no room in it is missing';
    expect(await doubtsOf(['full'])).toEqual([{ code: 'tracer-dropped', message, suspect: true }]);
  });

  it('quote a line that could not be read, cut to 200 characters', async () => {
    expect(await doubtsOf(['x'.repeat(201)])).toEqual([
      {
        code: 'tracer-garbled',
        message: `a line of dtrace could not be read: ${'x'.repeat(200)}`,
        suspect: true,
      },
    ]);
  });

  it('say how many events were too many, and do not suspect the run because of them', async () => {
    const event: TraceEvent = { kind: 'pipe-event', pid: 7, at: 5n, operation: 'read', state: 1 };
    const many = (more: number): Partial<SessionOptions> => ({
      readLine: (line) =>
        line === 'many' ? Array<TraceEvent>(EVENT_LIMIT + more).fill(event) : readLine(line),
    });
    expect(await doubtsOf(['many'], many(0))).toEqual([]);
    expect(await doubtsOf(['many'], many(3))).toEqual([
      {
        code: 'events-cut',
        message: '3 events beyond the first 100000 are not kept',
        suspect: false,
      },
    ]);
  });

  it('name the options of the spec only for losses', async () => {
    const { tracer, session } = await begun({
      readStderr: (message) => {
        const [code = ''] = message.split(':');
        return code === '' ? undefined : { code, message, suspect: true };
      },
      ownOptions: 'bufsize: 4k',
    });
    tracer.complain('tracer-error: oh', 'tracer-dropped: 3 drops', ': nothing');
    tracer.print(EXIT);
    expect((await session.collect(ROOT, '2proc')).doubts.map(({ message }) => message)).toEqual([
      'tracer-error: oh',
      'tracer-dropped: 3 drops (bufsize: 4k)',
    ]);
    tracer.end({ exitCode: 0 });
  });

  it('are not those about the run before, except for losses after it was collected', async () => {
    const readStderr = (message: string) => ({ code: 'tracer-dropped', message, suspect: true });
    const { tracer, session } = await begun({ readStderr });
    const messages = async () =>
      (await session.collect(ROOT, '2proc')).doubts.map(({ message }) => message);
    tracer.complain('the first');
    tracer.print(EXIT);
    expect(await messages()).toEqual(['the first']);
    await session.begin();
    tracer.print(EXIT);
    expect(await messages()).toEqual([]);
    tracer.complain('between');
    tracer.print('foreign 99');
    await session.begin();
    tracer.print(EXIT);
    expect(await messages()).toEqual(['between']);
    tracer.end({ exitCode: 0 });
  });
});

describe('what is kept of a run', () => {
  const LINES = ['syscall 7 1 read 3', 'syscall 7 1 write 12345', EXIT];
  const WHOLE = LINES.map((line) => `${line}\n`).join('');
  const kept = async (rawLimit: number) => {
    const { tracer, session } = await begun({ rawLimit });
    tracer.print(...LINES);
    const { raw, doubts } = await session.collect(ROOT, '2proc');
    tracer.end({ exitCode: 0 });
    return { raw, doubts };
  };

  it('are all of its lines if they have as many characters as there is room for', async () => {
    expect(await kept(WHOLE.length)).toEqual({ raw: WHOLE, doubts: [] });
    expect(await kept(WHOLE.length - 1)).toEqual({
      raw: WHOLE.slice(0, -EXIT.length - 1),
      doubts: [
        {
          code: 'raw-cut',
          message: `only the first ${WHOLE.length - 1} characters of the tracer's output are kept`,
          suspect: false,
        },
      ],
    });
  });

  it('are its first lines, and none that follow one for which there was no room', async () => {
    const [first = '', second = ''] = LINES;
    const limit = first.length + 1 + second.length;
    expect(limit - first.length - 1).toBeGreaterThan(EXIT.length + 1);
    expect((await kept(limit)).raw).toBe(`${first}\n`);
  });

  it('are lines of up to 16 MiB', async () => {
    const lengths: number[] = [];
    const { tracer, session } = await begun({
      readLine: (line) => {
        if (line.startsWith('x')) lengths.push(line.length);
        return readLine(line.slice(0, 100));
      },
    });
    const limit = 16 * 1024 * 1024;
    tracer.print('x'.repeat(limit), 'x'.repeat(limit + 1), EXIT);
    await session.collect(ROOT, '2proc');
    expect(lengths).toEqual([limit, limit]);
    tracer.end({ exitCode: 0 });
  });
});

describe('the last words of a tracer', () => {
  it('are what it said, without empty lines', async () => {
    expect(await lastWords(['', '  ', 'one', '\t', ' two', ''])).toBe('exit code 1: one\n two');
    expect(await lastWords(['', '  '])).toBe('exit code 1');
  });

  it('are at most fifty lines of a thousand characters', async () => {
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);
    expect(await lastWords(lines(1, 50))).toBe(`exit code 1: ${lines(1, 50).join('\n')}`);
    expect(await lastWords(lines(1, 52))).toBe(`exit code 1: ${lines(3, 52).join('\n')}`);
    expect(await lastWords(['x'.repeat(1001)])).toBe(`exit code 1: ${'x'.repeat(1000)}`);
  });
});
