import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConservation } from '../../../src/trace/check.ts';
import { Tally } from '../../../src/trace/session/tally.ts';
import { StraceReader } from '../../../src/trace/strace/strace-lines.ts';
import { cellOf, fixtureLines, totalOf } from '../recording.ts';

/** The output of strace 6.1 for the bundled benchmark on Linux 6.18, 32 KiB in buffers of 4 KiB. */
const RECORDED = [
  { name: '2proc-pipe', mode: '2proc', iterations: 2, ipc: 'pipe' },
  { name: '2thread-pipe', mode: '2thread', iterations: 2, ipc: 'pipe' },
  { name: '2proc-local', mode: '2proc', iterations: 1, ipc: 'local' },
] as const;

function read(lines: readonly string[], mode: '2proc' | '2thread' = '2proc') {
  const reader = new StraceReader();
  const tally = new Tally();
  const unknown: string[] = [];
  for (const line of lines) {
    for (const event of reader.read(line)) {
      tally.add(event);
      if (event.kind === 'unknown') unknown.push(event.line);
    }
  }
  return { counts: tally.countsOf(reader.root ?? 0, mode), unknown, root: reader.root };
}

describe.each(RECORDED)('the output of strace for $name', ({ name, mode, iterations, ipc }) => {
  const lines = fixtureLines(`linux-strace/${name}.txt`);
  const { counts, unknown } = read(lines, mode);

  it('has no line that is not understood', () => {
    expect(unknown).toEqual([]);
  });

  it('passes the checks', () => {
    const cell = cellOf(4096, 32768, { ipc, mode });
    const instruments = ['syscalls', 'io-sizes'] as const;
    expect(checkConservation(counts, { cell, iterations, instruments, events: false })).toEqual([]);
  });

  it('gives every whole read and write on the channel once, and none on a file', () => {
    expect(counts.io_sizes.map(({ operation, bytes, count }) => [operation, bytes, count])).toEqual(
      [
        ['read', 4096, 8 * iterations],
        ['write', 4096, 8 * iterations],
      ],
    );
  });

  it('has a count for every call that begins, except for the exec', () => {
    const begun = lines.filter((line) => /^\d+ +\w+\(/.test(line)).length;
    expect(totalOf(counts.syscalls)).toBe(begun - 1);
    expect(counts.syscalls.some(({ syscall }) => syscall === 'execve')).toBe(false);
  });

  it('credits each call to the process that made it', () => {
    const roles = new Set(counts.io_sizes.map(({ role, operation }) => `${role} ${operation}`));
    expect(roles).toEqual(
      new Set(mode === '2proc' ? ['receiver read', 'sender write'] : ['both read', 'both write']),
    );
  });
});

describe('StraceReader', () => {
  it('joins the two halves of a call that another thread interrupted', () => {
    const { counts } = read([
      '7 read(3<pipe:[1]>,  <unfinished ...>',
      '8 write(4<pipe:[1]>, ""..., 512) = 512',
      '7 <... read resumed>""..., 512)    = 512',
    ]);
    expect(counts.io_sizes).toEqual([
      { role: 'receiver', operation: 'read', bytes: 512, count: 1 },
      { role: 'sender', operation: 'write', bytes: 512, count: 1 },
    ]);
  });

  it.each([
    ['the end of file', '""..., 512) = 0', 0],
    ['an error', '0x7ffe, 512) = -1 EAGAIN (Resource temporarily unavailable)', -1],
  ])('counts %s', (_, rest, bytes) => {
    const { counts } = read([`7 read(3<pipe:[1]>, ${rest}`]);
    expect(counts.io_sizes).toEqual([{ role: 'receiver', operation: 'read', bytes, count: 1 }]);
  });

  it('reads a line whose number is padded to the width of the others', () => {
    const { counts, unknown } = read(['7     read(3<pipe:[1]>, ""..., 512)    = 512']);
    expect(unknown).toEqual([]);
    expect(counts.conduct?.calls).toEqual([
      { operation: 'read', channel: 'pipe', bytes: 512, cut: false, count: 1 },
    ]);
  });

  it.each([
    ['standard error, whatever it is', '7 write(2<pipe:[1]>, ""..., 95) = 95'],
    ['standard output, whatever it is', '7 write(1<pipe:[1]>, ""..., 95) = 95'],
    ['a file', '7 read(3</etc/ld.so.cache>, ""..., 512) = 512'],
    ['pread', '7 pread64(3<pipe:[1]>, ""..., 784, 64) = 784'],
    ['a call that never returned', '7 read(3<pipe:[1]>,  <unfinished ...>'],
    ['a call killed in the middle', '7 read(3<pipe:[1]>, ""..., 512) = ?'],
  ])('does not count %s as a call on the channel', (_, line) => {
    const { counts } = read([line]);
    expect(counts.io_sizes).toEqual([]);
    expect(totalOf(counts.syscalls)).toBe(1);
  });

  it('drops what a wrapper did before it started the benchmark by exec', () => {
    const { counts } = read([
      '7 execve("/home/lab/wrapper", [...], 0x7ffe /* 9 vars */) = 0',
      '7 clone(child_stack=NULL, flags=SIGCHLD) = 8',
      '8 write(4<pipe:[1]>, ""..., 512) = 512',
      '8 +++ exited with 0 +++',
      '7 read(3<pipe:[1]>, ""..., 512) = 512',
      '7 execve("/home/lab/ipc-benchmark", [...], 0x7ffe /* 9 vars */) = 0',
      '7 clone(child_stack=NULL, flags=SIGCHLD) = 9',
      '9 write(4<pipe:[2]>, ""..., 4096) = 4096',
      '7 read(3<pipe:[2]>, ""..., 4096) = 4096',
    ]);
    expect(counts.io_sizes.map(({ bytes, count }) => [bytes, count])).toEqual([
      [4096, 1],
      [4096, 1],
    ]);
    expect(counts.conduct?.children).toBe(1);
    expect(counts.syscalls.map(({ syscall }) => syscall).sort()).toEqual([
      'clone',
      'read',
      'write',
    ]);
  });

  it('drops what a process of a wrapper does after the benchmark has begun', () => {
    for (const exec of ['execve("/home/lab/ipc-benchmark", [...])', 'execveat(3, "", [...])']) {
      const { counts } = read([
        '7 clone(child_stack=NULL, flags=SIGCHLD) = 8',
        '8 write(4<pipe:[1]>, ""..., 512) = 512',
        `7 ${exec} = 0`,
        '8 write(4<pipe:[1]>, ""..., 512) = 512',
        '7 clone(child_stack=NULL, flags=SIGCHLD) = 9',
        '9 write(4<pipe:[2]>, ""..., 4096) = 4096',
      ]);
      expect(counts.io_sizes).toEqual([
        { role: 'sender', operation: 'write', bytes: 4096, count: 1 },
      ]);
    }
  });

  it('drops nothing because of an exec that failed', () => {
    const { counts } = read([
      '7 read(3<pipe:[1]>, ""..., 512) = 512',
      '7 execve("/usr/local/bin/true", [...], 0x7ffe /* 9 vars */) = -1 ENOENT (No such file)',
    ]);
    expect(counts.io_sizes).toHaveLength(1);
  });

  it('names the root and its children whose last line is missing', () => {
    const reader = new StraceReader();
    expect(reader.withoutEnd).toEqual([]);
    const ends = [
      ['7 getpid() = 7', [7]],
      ['8 getpid() = 8', [7, 8]],
      ['9 getpid() = 9', [7, 8, 9]],
      ['7 --- SIGCHLD {si_signo=SIGCHLD} ---', [7, 8, 9]],
      ['8 +++ killed by SIGSEGV (core dumped) +++', [7, 9]],
      ['9 +++ superseded by execve in pid 7 +++', [7]],
      ['7 +++ exited with 0 +++', []],
    ] as const;
    for (const [line, left] of ends) {
      reader.read(line);
      expect(reader.withoutEnd).toEqual(left);
    }
    expect(new StraceReader().read('7 +++ exited with 1 +++')).toEqual([
      { kind: 'start', pid: 7, image: 1 },
      { kind: 'exit', pid: 7, image: 1 },
    ]);
  });

  it('does not treat the end of a file, or an error, as a short read', () => {
    const reader = new StraceReader();
    const events = [
      '7 read(3<pipe:[1]>, "", 512) = 0',
      '7 read(3<pipe:[1]>, 0x7ffe, 512) = -1 EAGAIN (Resource temporarily unavailable)',
      '7 read(3<pipe:[1]>, ""..., 512) = 511',
    ].flatMap((line) => reader.read(line));
    const cut = events.flatMap((event) =>
      event.kind === 'count' && event.cut !== undefined ? [event.cut] : [],
    );
    expect(cut).toEqual([false, false, true]);
    expect(events.filter(({ kind }) => kind === 'asked')).toHaveLength(1);
  });

  it('keeps what the benchmark did when a child of its own execs a program', () => {
    const { counts } = read([
      '7 execve("/home/lab/ipc-benchmark", [...], 0x7ffe /* 9 vars */) = 0',
      '7 clone(child_stack=NULL, flags=SIGCHLD) = 8',
      '7 read(3<pipe:[1]>, ""..., 512) = 512',
      '8 execve("/bin/true", [...], 0x7ffe /* 9 vars */) = 0',
      '8 write(4<pipe:[1]>, ""..., 512) = 512',
      '7 read(3<pipe:[1]>, ""..., 512) = 512',
    ]);
    expect(counts.io_sizes.map(({ operation, count }) => [operation, count])).toEqual([
      ['read', 2],
      ['write', 1],
    ]);
  });

  it('distinguishes a thread from a process', () => {
    const { counts } = read(
      ['7 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 8', '8 gettid() = 8'],
      '2thread',
    );
    expect(counts.conduct?.children).toBe(0);
    const older = read([
      '7 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD) = 8',
      '8 gettid() = 8',
    ]);
    expect(older.counts.conduct?.children).toBe(0);
  });

  it('knows of no thread where a clone returns none', () => {
    for (const returned of ['0', '-1 EAGAIN (Resource temporarily unavailable)']) {
      const reader = new StraceReader();
      reader.read('7 getpid() = 7');
      const events = reader.read(`7 clone3({flags=CLONE_VM|CLONE_THREAD}, 88) = ${returned}`);
      expect(events.map(({ kind }) => kind)).toEqual(['count']);
    }
  });

  it('knows the requested size of a call, in one line or in two', () => {
    const { counts } = read([
      '7 read(3<pipe:[1]>,  <unfinished ...>',
      '8 write(4<pipe:[1]>, ""..., 4096 <unfinished ...>',
      '7 <... read resumed>""..., 4096) = 512',
      '8 <... write resumed>) = 4096',
    ]);
    expect(counts.conduct).toMatchObject({
      calls: [
        { operation: 'read', channel: 'pipe', bytes: 512, cut: true, count: 1 },
        { operation: 'write', channel: 'pipe', bytes: 4096, cut: false, count: 1 },
      ],
      asked: [{ operation: 'read', bytes: 4096 }],
    });
  });

  it('knows the requested size however the call was cut and aligned', () => {
    const { counts } = read([
      '7 read(3<pipe:[1]>, ""..., 512)          = 100',
      '8 write(4<pipe:[1]>, ""...,  <unfinished ...>',
      '8 <... write resumed>4096)             = 100',
      '7 read(3<pipe:[1]>) = 1',
      '7 write(3<pipe:[1]>, ""...,512) = 512',
    ]);
    expect(totalOf(counts.io_sizes)).toBe(4);
    expect(counts.conduct?.calls.map(({ bytes, cut }) => [bytes, cut])).toEqual([
      [100, true],
      [512, false],
      [100, true],
    ]);
    expect(counts.conduct?.asked.map(({ bytes }) => bytes)).toEqual([512, 4096]);
  });

  it.each([
    ['writev(4<pipe:[1]>, [{iov_base=""..., iov_len=4096}], 1) = 4096', 'writev'],
    ['splice(3</etc/hosts>, NULL, 5<pipe:[1]>, NULL, 4096, 0) = 200', 'splice'],
    ['sendto(4<socket:[9]>, ""..., 4096, 0, NULL, 0) = 4096', 'sendto'],
    ['splice(0<pipe:[1]>, NULL, 5<pipe:[2]>, NULL, 4096, 0) = 200', 'splice'],
    ['io_submit(0x7f, 1, [{}]) = 1', 'io_submit'],
    ['io_uring_enter(5<anon_inode:[io_uring]>, 1, 0, 0, NULL, 8) = 1', 'io_uring_enter'],
  ])('doubts bytes that %s moves on the channel', (line, name) => {
    expect(read([`7 ${line}`]).counts.conduct?.otherCalls).toEqual([
      { role: 'receiver', syscall: name, count: 1 },
    ]);
  });

  it.each([
    'writev(1<pipe:[1]>, [{iov_base=""..., iov_len=20}], 1) = 20',
    'writev(2<pipe:[1]>, [{iov_base=""..., iov_len=20}], 1) = 20',
    'readv(3</etc/hosts>, [{iov_base=""..., iov_len=20}], 1) = 20',
    'fcntl(4<pipe:[1]>, F_GETFL) = 0x1',
  ])('has no doubt about %s', (line) => {
    expect(read([`7 ${line}`]).counts.conduct?.otherCalls).toEqual([]);
  });

  it('accepts only exact numbers of processes and bytes', () => {
    const line = '7 read(3<pipe:[1]>, ""..., 4096) = 4096';
    const pid = '7'.repeat(40);
    expect(read([`${pid}${line}`]).unknown).toHaveLength(1);
    expect(read([line.replace(/4096$/, '9'.repeat(400))]).counts.io_sizes).toEqual([]);
    expect(read([line]).counts.io_sizes).toHaveLength(1);
  });

  it('takes no notice of signals and ends', () => {
    const { counts, unknown } = read([
      '7 --- SIGCHLD {si_signo=SIGCHLD} ---',
      '7 +++ exited with 0 +++',
      '',
      '   ',
    ]);
    expect(counts.syscalls).toEqual([]);
    expect(unknown).toEqual([]);
  });

  it('takes the rest of a call for nothing if its beginning is not there', () => {
    const { counts, unknown } = read(['7 <... read resumed>""..., 512) = 512']);
    expect([counts.syscalls, counts.io_sizes, unknown]).toEqual([[], [], []]);
  });

  it('finds the marks of its own lines only at their beginnings', () => {
    const names = ['<... read resumed>', 'a+++ b', 'a--- b'];
    const { counts } = read(names.map((name) => `7 openat(AT_FDCWD, "${name}", O_RDONLY) = 3`));
    expect(totalOf(counts.syscalls)).toBe(3);
  });

  it.each([
    'strace: Process 7 attached',
    '7 ???',
    '7 ? read(3<pipe:[1]>, ""..., 512) = 512',
    '7 getpid() = 7\r',
    'read(3<pipe:[1]>) = 1',
  ])('calls %j unknown', (line) => {
    expect(read([line]).unknown).toEqual([line]);
    expect(read([line]).counts.syscalls).toEqual([]);
  });

  it('has no root before the first line that begins with a number', () => {
    expect(read(['strace: Process 7 attached']).root).toBeUndefined();
    expect(read(['strace: Process 7 attached', '8 getpid() = 8']).root).toBe(8);
  });

  it('quotes what it does not know, cut to a limit', () => {
    expect(read(['x'.repeat(501)]).unknown).toEqual(['x'.repeat(500)]);
    expect(read([`7 ${'?'.repeat(501)}`]).unknown).toEqual([`7 ${'?'.repeat(498)}`]);
  });

  it('never throws', () => {
    const part = fc.constantFrom(
      '7 ',
      '8',
      'read(',
      '3<pipe:[1]>',
      ' = 5',
      '<... ',
      ' resumed>',
      '?',
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.array(part).map((parts) => parts.join('')),
          ),
        ),
        (lines) => {
          read(lines);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
