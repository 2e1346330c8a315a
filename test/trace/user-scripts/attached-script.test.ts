import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { CommandEnd, Finished, Host, HostCommand } from '../../../src/host/host.ts';
import { attachScript } from '../../../src/trace/user-scripts/attached-script.ts';
import type { UserScript } from '../../../src/trace/user-scripts/user-script.ts';

const SCRIPT: UserScript = {
  ...{ path: '/spec/a.d', name: 'a.d', text: 'BEGIN { @n = count(); }' },
  ...{ tracer: 'dtrace', json: false, flags: [] },
};
const BPFTRACE: UserScript = { ...SCRIPT, path: '/spec/a.bt', name: 'a.bt', tracer: 'bpftrace' };
const QUICK = { attachMs: 300, answerMs: 300, detachMs: 300 };

/** A tracer that does what a test says, on a machine that is none. */
class FakeTracer {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly sent = new Map<string, string>();
  command: HostCommand | undefined;
  onAsk: (pid: number) => void = () => {};
  onSignal: (signal: string) => void = () => this.end({ kind: 'exited', exitCode: 0 });
  onStart: () => void = () => {};
  #finish: (result: Finished) => void = () => {};

  constructor(readonly platform: NodeJS.Platform = 'freebsd') {}

  end(end: CommandEnd): void {
    this.stdout.end();
    this.stderr.end();
    setImmediate(() => this.#finish({ end } as Finished));
  }

  get host(): Host {
    const { stdout, stderr } = this;
    return {
      name: 'local',
      machine: { platform: this.platform, path: '/bin' },
      send: async (name: string, content: Uint8Array) => {
        this.sent.set(`/agent/${name}`, Buffer.from(content).toString());
        return `/agent/${name}`;
      },
      discard: async () => {},
      stat: async () => ({ kind: 'folder' }),
      readFile: async () => undefined,
      ask: (pid: number) => this.onAsk(pid),
      stream: (command: HostCommand) => {
        this.command = command;
        this.onStart();
        const ended = new Promise<Finished>((resolve) => {
          this.#finish = resolve;
        });
        return { stdout, stderr, ended, signal: (signal: string) => this.onSignal(signal) };
      },
    } as unknown as Host;
  }
}

/** A dtrace that attaches, answers, and prints an aggregation when it is told to end. */
function goodDtrace(): FakeTracer {
  const tracer = new FakeTracer();
  tracer.onStart = () => tracer.stdout.write('Tracing... \nipc-sweep: attached\n');
  tracer.onAsk = () => tracer.stdout.write('\nipc-sweep: heard\n');
  tracer.onSignal = () => {
    tracer.stdout.write(`\n ${'7'.padStart(16)}\n`);
    tracer.end({ kind: 'exited', exitCode: 0 });
  };
  return tracer;
}

describe('a script that is attached', () => {
  it('runs with the text that was read, and only its own output is kept', async () => {
    const tracer = goodDtrace();
    const attached = await attachScript(SCRIPT, tracer.host, undefined, QUICK);
    expect(tracer.sent.get('/agent/a.d')).toBe(SCRIPT.text);
    expect(tracer.command?.words).toContain('/agent/a.d');
    await attached.confirm();
    const { output, doubts } = await attached.finish();
    expect(doubts).toEqual([]);
    expect(output.aggregates).toMatchObject([{ name: 'n', value: 7 }]);
    expect(output.events.map(({ text }) => text)).toEqual(['Tracing...']);
  });

  it('of bpftrace keeps its own BEGIN as the only one, and is known to be attached by its answer', async () => {
    const tracer = new FakeTracer('linux');
    let first = 0;
    tracer.onAsk = (pid) => {
      first ||= pid;
      tracer.stdout.write(`{"type": "printf", "data": "ipc-sweep: heard ${pid - first}\\n"}\n`);
    };
    const attached = await attachScript(BPFTRACE, tracer.host, undefined, QUICK);
    const text = tracer.sent.get('/agent/a.bt') ?? '';
    expect(text.startsWith(BPFTRACE.text)).toBe(true);
    expect(text.match(/BEGIN/g)).toHaveLength(1);
    await attached.confirm();
    const { output, doubts } = await attached.finish();
    expect([output.events, doubts]).toEqual([[], []]);
  });
});

describe('a script whose counts do not cover the whole run is doubted', () => {
  const codesOf = async (tracer: FakeTracer, script: UserScript, during: () => unknown) => {
    const attached = await attachScript(script, tracer.host, undefined, QUICK);
    await during();
    await attached.confirm();
    const { doubts } = await attached.finish();
    return doubts.map(({ code, suspect, message }) => `${code} ${suspect} ${message}`);
  };
  const once = new Promise((resolve) => setTimeout(resolve, 20));

  it('when its tracer was killed', async () => {
    const tracer = goodDtrace();
    tracer.onAsk = () => {};
    const end = () => tracer.end({ kind: 'signalled', signal: 'SIGKILL' });
    const [doubt, ...others] = await codesOf(tracer, SCRIPT, end);
    expect(doubt).toMatch(/^script-ended-early true a\.d: it ended by itself \(signal SIGKILL\)/);
    expect(others).toEqual([]);
  });

  it('when it ended early by itself and without an error', async () => {
    const tracer = goodDtrace();
    tracer.onAsk = () => {};
    const end = async () => {
      tracer.end({ kind: 'exited', exitCode: 0 });
      await once;
    };
    const [doubt] = await codesOf(tracer, SCRIPT, end);
    expect(doubt).toMatch(/^script-ended-early true a\.d: it ended by itself \(exit code 0\)/);
  });

  it('when exit() was called and the tracer has not ended yet', async () => {
    const tracer = goodDtrace();
    tracer.onAsk = () => {};
    const [doubt] = await codesOf(tracer, SCRIPT, () => {});
    expect(doubt).toMatch(/^script-ended-early true a\.d: it did not answer within 0\.3 s/);
  });

  it('when bpftrace answers a last time on its way out', async () => {
    const tracer = new FakeTracer('linux');
    let first = 0;
    let left = Number.POSITIVE_INFINITY;
    tracer.onAsk = (pid) => {
      first ||= pid;
      if (left-- <= 0) return;
      tracer.stdout.write(`{"type": "printf", "data": "ipc-sweep: heard ${pid - first}\\n"}\n`);
    };
    const exit = () => {
      left = 2;
      setTimeout(() => tracer.end({ kind: 'exited', exitCode: 0 }), 50);
    };
    const [doubt] = await codesOf(tracer, BPFTRACE, exit);
    expect(doubt).toMatch(/^script-ended-early true/);
  });

  it('when it was killed while it printed what it had', async () => {
    const tracer = goodDtrace();
    tracer.onSignal = () => tracer.end({ kind: 'signalled', signal: 'SIGKILL' });
    const [doubt] = await codesOf(tracer, SCRIPT, () => {});
    expect(doubt).toMatch(/^script-ended-badly true a\.d: it ended badly \(signal SIGKILL\)/);
  });
});

it('a script that cannot be attached causes an error with the tracer’s message and the name of its own file', async () => {
  const tracer = new FakeTracer();
  tracer.onStart = () => {
    tracer.stderr.write(
      "ERROR: couldn't set RLIMIT_MEMLOCK\ndtrace: failed to compile script /agent/a.d: line 1\n",
    );
    tracer.end({ kind: 'exited', exitCode: 1 });
  };
  const attach = attachScript(SCRIPT, tracer.host, undefined, QUICK);
  await expect(attach).rejects.toThrow(UserError);
  await expect(attach).rejects.toThrow(
    'the script /spec/a.d was not attached (exit code 1):\ndtrace: failed to compile script /spec/a.d: line 1',
  );
});
