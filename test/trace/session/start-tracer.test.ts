import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CommandEnd, Host, HostCommand } from '../../../src/host/host.ts';
import { startTracer } from '../../../src/trace/session/start-tracer.ts';

/** A host that starts nothing, and tells at once how what it was to start has ended. */
function started(ended: Promise<{ readonly end: CommandEnd }>) {
  const commands: HostCommand[] = [];
  const signals: string[] = [];
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const host = {
    stream(command: HostCommand) {
      commands.push(command);
      return { stdout, stderr, signal: (signal: string) => signals.push(signal), ended };
    },
  };
  const words = ['dtrace', '-s', 'session.d'];
  const tracer = startTracer(host as unknown as Host, words, { LC_ALL: 'C' });
  return { tracer, commands, signals, stdout, stderr };
}

describe('a tracer that is started', () => {
  it('may print for a whole night, and leaves no process behind', () => {
    const { tracer, commands, signals, stdout, stderr } = started(new Promise(() => {}));
    expect(commands).toEqual([
      {
        words: ['dtrace', '-s', 'session.d'],
        environment: { LC_ALL: 'C' },
        outputLimits: { stdout: Number.MAX_SAFE_INTEGER, stderr: Number.MAX_SAFE_INTEGER },
        lingerMs: 0,
      },
    ]);
    tracer.order('SIGTERM');
    expect([signals, tracer.stdout === stdout, tracer.stderr === stderr]).toEqual([
      ...[['SIGTERM'], true, true],
    ]);
  });

  it.each([
    [{ kind: 'exited', exitCode: 3 }, { exitCode: 3 }],
    [{ kind: 'signalled', signal: 'SIGKILL' }, { signal: 'SIGKILL' }],
    [{ kind: 'aborted' }, { message: 'interrupted' }],
  ] as const)('tells how it has ended: %j', async (end, told) => {
    expect(await started(Promise.resolve({ end })).tracer).toEqual(told);
  });

  it('has ended when its host is lost', async () => {
    const lost = Promise.reject(new Error('the link broke'));
    expect(await started(lost).tracer).toEqual({ message: 'the link broke' });
  });
});
