import { describe, expect, it } from 'vitest';
import { bpftrace } from '../../../../src/trace/bpftrace/bpftrace.ts';
import { dtrace } from '../../../../src/trace/dtrace/dtrace.ts';
import {
  placeScripts,
  ridingScripts,
} from '../../../../src/trace/user-scripts/riding/placement.ts';
import { fixture } from '../fixture.ts';

function program(tracer: typeof dtrace, platform: NodeJS.Platform, ...texts: readonly string[]) {
  const name = tracer.name as 'dtrace' | 'bpftrace';
  const scripts = texts.map((text, at) => {
    const file = `${at}${tracer.scripts}`;
    return { path: `/spec/${file}`, name: file, text, tracer: name, json: false, flags: [] };
  });
  const placed = placeScripts(scripts, { tracer: name, attach: 'session', platform });
  const request = { execnames: ['a', 'b'], instruments: [], events: false, options: {} };
  const riding = ridingScripts(placed);
  expect(riding).toHaveLength(texts.length);
  return tracer.program({ platform, architecture: 'x64' }, { ...request, riding });
}

/** The places of parts of a program, which have to come in this order. */
function expectInOrder(source: string, parts: readonly string[]): void {
  let at = 0;
  for (const part of parts) {
    const found = source.indexOf(part, at);
    expect([part, found === -1]).toEqual([part, false]);
    at = found + part.length;
  }
}

const NOTEBOOK = fixture('freebsd-notebook.d');

describe('the program of a session in which scripts ride', () => {
  it.each([
    ['freebsd', 'profile:::tick-50hz'],
    ['linux', 'syscall::getpriority:entry'],
    ['sunos', 'profile:::tick-50hz'],
    ['darwin', 'profile:::tick-50hz'],
  ] as const)('of dtrace has all its parts in the right order on %s', (platform, end) => {
    const own = 'BEGIN { x = 1; }\nEND { printf("%d", x); }\nf:::entry { @a = quantize(arg0); }';
    const { source, fragments } = program(dtrace, platform, NOTEBOOK, own);
    expectInOrder(source, [
      ...[' * session - ', ' * scripts-begin - ', 's1_x = 1;', ' * scripts-window - '],
      ...[' * channel - ', ' * io-sizes - ', '@s0_syscalls[probefunc]', '@s1_a = quantize'],
      ...[' * scripts-end - ', `${end} /scripts_closing/ {`, 'printf("%d", s1_x);'],
      ...['printa("%s\\037%@d\\n", @s0_syscalls);', 'printa("%@d\\n", @s1_a);'],
      ...['printa("scripts_texts %@d\\n", @scripts_texts);', ' * scripts-answer - '],
      ' * session-end - ',
    ]);
    expect(fragments).toContain('0.d');
    expect(new Set(source.match(/\{\{\w+\}\}/g))).toEqual(new Set(['{{launcher}}']));
  });

  const CALLS = 'tracepoint:syscalls:sys_enter_read { @a = count(); } END { print(@a); }';
  const SWITCHES = 'tracepoint:sched:sched_switch { @b = count(); printf("x"); }';
  const atExit = 'tracepoint:sched:sched_process_exit /@closing[tid]/\n{\n\tprint(@s0_a);';

  it('of bpftrace prints the results at the last exit, and when it is asked', () => {
    const { source } = program(bpftrace, 'linux', CALLS);
    expectInOrder(source, [
      ...[' * session - ', ' * scripts-exit - ', ' * scripts-begin - ', ' * scripts-window - '],
      ...[' * session-end - ', '@s0_a = count();', atExit, ' * scripts-exit-answer - '],
      ...[' * scripts-end - ', 'print(@s0_a);', 'clear(@s0_a);', ' * scripts-answer - '],
    ]);
    expect(source).not.toContain('@texts');
  });

  it('of bpftrace prints them only when it is asked if a probe can fire after the last exit', () => {
    const { source } = program(bpftrace, 'linux', CALLS, SWITCHES);
    expect(source).not.toContain('scripts-exit');
    expectInOrder(source, [
      ...[' * session-end - ', '@s0_a = count();', '@s1_b = count(); @texts[1]'],
      ...[' * scripts-end - ', 'print(@s0_a);', 'print(@s1_b);', 'print(@texts);'],
      ' * scripts-answer - ',
    ]);
  });

  it('is unchanged without scripts', () => {
    const request = { execnames: ['a'], instruments: [], events: false, options: {} };
    for (const tracer of [dtrace, bpftrace]) {
      const machine = { platform: 'linux', architecture: 'x64' } as const;
      const { source } = tracer.program(machine, request);
      expect(source).not.toContain('scripts');
      expect(tracer.program(machine, { ...request, riding: [] }).source).toBe(source);
    }
  });
});
