import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldedStack,
  isTracing,
  MOST_FRAMES,
} from '../../../src/instruments/profile/stack-text.ts';

describe('a folded stack', () => {
  it('has the root first, and no addresses within functions', () => {
    expect(
      foldedStack('kernel', [
        '    _copy_from_iter+136',
        '    anon_pipe_write+467',
        '    vfs_write+920',
        '    do_syscall_64+113',
        '    entry_SYSCALL_64_after_hwframe+118',
      ]),
    ).toBe(
      'entry_SYSCALL_64_after_hwframe;do_syscall_64;vfs_write;anon_pipe_write;_copy_from_iter',
    );
  });

  it('names modules for dtrace, except for the kernel', () => {
    const lines = [
      ' kernel`bcopy+0x1a',
      ' zfs.ko`zfs_write+0x1',
      ' kernel`pipe_write',
      ' vmlinux`ksys_write+0xf0',
      ' 0xffffffff810afb28',
      ' kernel`0xffffffff81000000',
    ];
    expect(foldedStack('kernel', lines)).toBe(
      '[unknown];[unknown];ksys_write;pipe_write;zfs.ko`zfs_write;bcopy',
    );
  });

  it('is the same for any address within its functions', () => {
    const at = fc.nat(5000);
    fc.assert(
      fc.property(at, at, at, at, (a, b, c, d) => {
        const folded = foldedStack('kernel', [`    copy+${a}`, `    vfs_write+${b}`]);
        expect(foldedStack('kernel', [`    copy+${c}`, `    vfs_write+${d}`])).toBe(folded);
      }),
    );
  });

  it('keeps the suffixes that the compiler adds to a name', () => {
    expect(foldedStack('kernel', ['pipe_poll.isra.0+3', 'do_exit.cold+9'])).toBe(
      'do_exit.cold;pipe_poll.isra.0',
    );
  });

  it('says where user code was, because no tracer can name its functions', () => {
    expect(foldedStack('program', [])).toBe('[user code];[program]');
    expect(foldedStack('libraries', [])).toBe('[user code];[libraries]');
    expect(foldedStack('user', [])).toBe('[user code]');
    expect(foldedStack('user', ['vfs_write+1'])).toBeUndefined();
  });

  it('says when there is no stack, or when not all callers fitted', () => {
    expect(foldedStack('kernel', [])).toBe('[no stack]');
    const deep = Array.from({ length: MOST_FRAMES }, (_, at) => `f${at}+1`);
    expect(foldedStack('kernel', deep)).toMatch(/^\[callers cut off\];f63;.*;f1;f0$/);
    expect(foldedStack('kernel', deep.slice(1))).toMatch(/^f63;.*;f1$/);
  });

  it('is refused if one of its lines is no frame', () => {
    const more = ['vfs_write+1', 'do_syscall_64+2'];
    for (const line of ['', ' ', 'a`b`c', '\u001b[31mred', 'x\u0007y', 'a`']) {
      expect(foldedStack('kernel', [more[0]!, line, more[1]!])).toBeUndefined();
    }
  });

  it('takes only a bare address for a function without a name', () => {
    const names = ['0x1f_handler', 'thunk_0x1f', 'f+0xzz', 'f+1a'];
    expect(foldedStack('kernel', names)).toBe(names.toReversed().join(';'));
    expect(foldedStack('kernel', ['0xffff8f'])).toBe('[unknown]');
  });

  it('cuts a long name to 200 characters, without a blank at its end', () => {
    expect(foldedStack('kernel', ['x'.repeat(201)])).toBe('x'.repeat(200));
    expect(foldedStack('kernel', [`${'x'.repeat(199)} yz`])).toBe('x'.repeat(199));
  });

  it('has no semicolon within a name', () => {
    expect(foldedStack('kernel', ['a;b;c+1', 'd'])).toBe('d;a:b:c');
  });

  it('has a frame for each line, whatever the lines contain, or is refused', () => {
    const line = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('a;b+1', ' +12', 'f+0x', '\u001b[31mred', 'a b+3', 'operator<(int, x)+4'),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: MOST_FRAMES - 1 }), (lines) => {
        const folded = foldedStack('kernel', lines);
        if (folded === undefined) return;
        expect(folded.split(';')).toHaveLength(lines.length);
        expect(folded).not.toMatch(/\p{Cc}/u);
        expect(folded.split(';').every((name) => name !== '' && name === name.trim())).toBe(true);
      }),
    );
  });
});

describe('the tracer’s own work', () => {
  it('is recognised by the functions in which the kernel runs probes', () => {
    const entry = 'entry_SYSCALL_64_after_hwframe;do_syscall_64';
    expect(isTracing(`${entry};syscall_trace_enter;perf_trace_sys_enter;perf_tp_event`)).toBe(true);
    expect(isTracing(`${entry};syscall_exit_work;perf_trace_sys_exit.constprop.0`)).toBe(true);
    expect(isTracing('amd64_syscall;dtrace.ko`dtrace_probe')).toBe(true);
    expect(isTracing(`${entry};ksys_write;vfs_write;anon_pipe_write`)).toBe(false);
    expect(isTracing('[user code];[program]')).toBe(false);
  });
});
