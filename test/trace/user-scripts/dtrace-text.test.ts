import { describe, expect, it } from 'vitest';
import { readDtraceText } from '../../../src/trace/user-scripts/dtrace-text.ts';
import { fixture, line } from './fixture.ts';

const read = (script: string, output: string) => readDtraceText(fixture(script), fixture(output));
const lines = (script: string, output: string) => read(script, output).aggregates.map(line);

describe('the notebook script', () => {
  it('gives an event for each read and a count for each system call', () => {
    const { aggregates, events, unread } = read('freebsd-notebook.d', 'freebsd-notebook.txt');
    expect(events).toHaveLength(16);
    expect(events[0]).toEqual({ probe: 'pipe_read:entry', cpu: 0, text: '2048' });
    expect(events.slice(1).map(({ text }) => text)).toEqual(Array(15).fill('3072'));
    expect(aggregates).toHaveLength(17);
    expect(new Set(aggregates.map(({ name }) => name))).toEqual(new Set(['syscalls']));
    expect(aggregates.map(line).slice(-3)).toEqual([
      'syscalls[mmap] count = 3',
      'syscalls[read] count = 16',
      'syscalls[write] count = 16',
    ]);
    expect(unread).toEqual([]);
  });

  it('gives the same counts in quiet mode, and a single event that cannot be divided', () => {
    const loud = read('freebsd-notebook.d', 'freebsd-notebook.txt');
    const quiet = read('freebsd-notebook.d', 'freebsd-notebook-quiet.txt');
    expect(quiet.aggregates).toEqual(loud.aggregates);
    expect(quiet.events).toEqual([{ probe: '', cpu: null, text: `2048${'3072'.repeat(15)}` }]);
    expect(quiet.unread).toEqual([]);
  });
});

describe('the default layouts of dtrace', () => {
  it('are read as FreeBSD prints them, with a name wherever only one aggregation fits', () => {
    expect(lines('freebsd-layouts.d', 'freebsd-layouts.txt')).toEqual([
      '[]  = 32',
      '[read]  = 16',
      '[write]  = 16',
      'processes[ipc-benchmark|read|420] count = 16',
      'processes[ipc-benchmark|write|421] count = 16',
      '[read]  = 262144',
      '[write]  = 262144',
      '[]  = 16384',
      '[]  = 16384',
      '[]  = 16384',
      '[]  = 0',
      '[read] quantize 16384..32767 = 16',
      '[write] quantize 16384..32767 = 16',
      'steps[bytes asked] lquantize 16384..24575 = 32',
      'decades[] llquantize 10000..19999 = 32',
    ]);
  });

  it('are read as Linux prints them: every function, and keys of every kind', () => {
    const { aggregates, unread } = read('linux-default-layouts.d', 'linux-default-layouts.txt');
    expect(unread).toEqual([]);
    expect(aggregates.map(line)).toEqual([
      '[]  = 2',
      'words[] count = 1',
      'words[a name with blanks] count = 1',
      'words[a string that is much longer than the fifty columns that a string key gets] count = 1',
      'words[read] count = 1',
      'three[dd|-5|12345678901234] sum = -3',
      'three[dd|5|-1] sum = 7',
      'shorts[65529|65] max = 3',
      '[]  = -12',
      '[]  = 99',
      '[]  = 15',
      '[]  = 10',
      'pow[neg] quantize -7..-4 = 1',
      'pow[neg] quantize 0..0 = 1',
      'pow[neg] quantize 1..1 = 1',
      'pow[bytes asked] quantize 4..7 = 1',
      'pow[bytes asked] quantize 1024..2047 = 2',
      'lin[below and above|3] lquantize null..-1 = 1',
      'lin[below and above|3] lquantize 0..9 = 1',
      'lin[below and above|3] lquantize 20..29 = 1',
      'lin[below and above|3] lquantize 100..null = 1',
      '[]  5..5 = 1',
      'loglin[] llquantize -14999..-10000 = 1',
      'loglin[] llquantize 5..5 = 1',
      'loglin[] llquantize 10000..14999 = 1',
      'loglin[] llquantize 10000000..null = 1',
      '[] quantize 8..15 = -3',
      '[] quantize 64..127 = 2',
    ]);
  });

  it('are read by their columns if there is no script, without names', () => {
    const { aggregates, events } = readDtraceText('', fixture('linux-keyed.txt'));
    expect(aggregates).toHaveLength(22);
    expect(aggregates.map(line)).toContain('[newfstatat]  = 28');
    expect(events).toEqual([]);
  });

  it('are read for several aggregations, for llquantize below its range, and between texts', () => {
    const { aggregates, events, unread } = read('linux-joined.d', 'linux-joined.txt');
    expect(aggregates.map(line)).toEqual([
      'a[x] count = 1',
      'b[x] sum = 5',
      'wide[] llquantize null..-100000 = 1',
      'wide[] llquantize -99999..-90000 = 1',
      'wide[] llquantize -99..99 = 1',
      'wide[] llquantize 100000..null = 1',
      'a[x] count = 1',
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]?.text.split(/\s*\n\s*/)).toEqual([
      'before',
      'between',
      'after, run together',
      'end',
    ]);
    expect(unread).toEqual([]);
  });

  it('join the frames of a stack, and treat symbols as texts', () => {
    const output = read('linux-stacks-and-symbols.d', 'linux-stacks-and-symbols.txt');
    expect(output.unread).toEqual([]);
    expect(output.aggregates.map(line)).toEqual([
      '[vmlinux`perf_syscall_enter+0x18d < vmlinux`syscall_trace_enter+0x180 < vmlinux`do_syscall_64+0x1fa] count = 4',
      'f[0xffff888104f65c00|dd] count = 4',
      '[0x7f3a76f7e104] count = 2',
      '[0x7f3a76f792ad] count = 2',
      'y[0xffff888104f65c00|28728] count = 4',
      'm[vmlinux] sum = 10240',
    ]);
    expect(output.events).toHaveLength(4);
    expect(output.events[0]?.probe).toBe('read:entry');
    expect(output.events[0]?.text).toMatch(/^a string +5 {2}read +text 3\nmore\n\n +vmlinux`perf/);
  });

  it('give no rows for an aggregation with missing key columns, as of sym() on FreeBSD 15', () => {
    const script = 'BEGIN { @a[sym(arg0), execname] = count(); }';
    const output = `\n${'  dd'.padEnd(52)} ${'4'.padStart(16)}\n`;
    expect(readDtraceText(script, output).aggregates).toEqual([]);
  });
});

describe('the formats of a script', () => {
  it('are read back into name, keys and value', () => {
    const { aggregates, events, unread } = read('linux-own-formats.d', 'linux-own-formats.txt');
    expect(unread).toEqual([]);
    expect(events).toEqual([{ probe: '', cpu: null, text: 'starting' }]);
    const words = ['words[read] count = 1', 'words[two words] count = 1'];
    expect(aggregates.map(line)).toEqual([
      ...words,
      'pair[dd|-6] sum = -8',
      'pairc[dd|-6] count = 0',
      'pair[dd|5] sum = 7',
      'pairc[dd|5] count = 1',
      ...words,
      ...words,
      'mean[1] avg = 15',
      'dev[] stddev = 10',
      'pair[dd|fffffffa] sum = -8',
      'pair[dd|5] sum = 7',
      'pow[write|4] quantize 4..7 = 1',
      'pow[read|3] quantize 1024..2047 = 1',
      'lin[x] lquantize 20..29 = 1',
      'll[x] llquantize -99..99 = 2',
      'll[x] llquantize 200..299 = 1',
      'll[x] llquantize 50000..59999 = 1',
      ...words,
      'mean[1] avg = 15',
      ...words,
      'left[] count = 1',
    ]);
  });

  it('with stacks are read back', () => {
    const stack = 'vmlinux`perf_syscall_enter+0x18d < vmlinux`syscall_trace_enter+0x180';
    const read = lines('linux-stack-formats.d', 'linux-stack-formats.txt');
    expect(read.slice(0, 3)).toEqual([
      `s[${stack}|dd] count = 4`,
      `s[${stack}] count = 4`,
      `t[dd|${stack}] sum = 10240`,
    ]);
    expect(read[3]).toMatch(/^u\[dd\|.*\|\d+\] count = 4$/);
  });

  it('are read as both systems record them', () => {
    const linux = readDtraceText(
      'END { printa("S\\t%s\\t%@u\\n", @syscalls); } BEGIN { @syscalls[probefunc] = count(); }',
      fixture('linux-printa.txt'),
    );
    expect(linux.aggregates).toHaveLength(13);
    expect(linux.aggregates.map(line)).toContain('syscalls[newfstatat] count = 15');
    const freebsd = readDtraceText(
      `tick-20hz { printa("C %d %d %s %@d\\n", @c); printf("end\\n"); }
       syscall:::entry { @c[pid, ppid, probefunc] = count(); }`,
      fixture('freebsd-per-run-printa.txt'),
    );
    expect(freebsd.aggregates.map(line)).toContain('c[426|425|write] count = 16');
    expect(freebsd.aggregates).toHaveLength(19);
    expect(freebsd.events).toEqual([{ probe: '', cpu: null, text: 'end' }]);
  });

  it('give no name if two aggregations have the same one', () => {
    const script = `BEGIN { @a[execname] = count(); @b[execname] = count();
      printa("%s %@d\\n", @a); printa("%s %@d\\n", @b); }`;
    expect(readDtraceText(script, 'dd 3\n').aggregates.map(line)).toEqual(['[dd] count = 3']);
  });

  it('leave a line unread if it is not clear where a key ends', () => {
    const script = 'BEGIN { @a[execname, probefunc] = count(); printa("%s %s %@d\\n", @a); }';
    const { aggregates, unread } = readDtraceText(script, 'one two three 4\nfour five 6\n');
    expect(aggregates.map(line)).toEqual(['a[four|five] count = 6']);
    expect(unread).toEqual(['one two three 4']);
  });

  it('in comments and strings are ignored', () => {
    const script = `/* printa("A %@d\\n", @a); */ BEGIN { @a = count();
      printf("printa(\\"A %@d\\", @a)"); } // printa("A %@d\\n", @a)`;
    const { aggregates, events } = readDtraceText(script, 'A 5\n');
    expect(aggregates).toEqual([]);
    expect(events.map(({ text }) => text)).toEqual(['A 5']);
  });

  it('do not match the rows of the default layout', () => {
    const script = `BEGIN { @a[execname] = count(); @b[execname, probefunc] = count(); }
      END { printa("%s %@d\\n", @a); }`;
    const row = `${'  dd'.padEnd(52)}${'  read'.padEnd(52)} ${'7'.padStart(16)}\n`;
    const { aggregates } = readDtraceText(script, `dd 5\n\n${row}`);
    expect(aggregates.map(line)).toEqual(['a[dd] count = 5', 'b[dd|read] count = 7']);
  });

  it('are found after a text without a newline', () => {
    const script = `BEGIN { printf("%d", 5); @a[execname] = count(); }
      END { printa("C %s %@d\\n", @a); }`;
    const { aggregates, events } = readDtraceText(script, '555C dd 3\nC sh 4\n\n');
    expect(aggregates.map(line)).toEqual(['a[dd] count = 3', 'a[sh] count = 4']);
    expect(events.map(({ text }) => text)).toEqual(['555']);
  });
});

describe('the names of aggregations', () => {
  const row = `\n${'  dd'.padEnd(52)} ${'7'.padStart(16)}\n`;
  const script = (clause: string) =>
    `BEGIN { @a[execname] = count(); @b[execname] = sum(1); } ${clause} { printa("A %s %@d\\n", @a); }`;

  it('are certain when the other aggregations are printed by a clause that must have fired', () => {
    expect(readDtraceText(script('END'), row).aggregates[0]?.name).toBe('b');
    expect(readDtraceText(script('END /x/'), row).aggregates[0]?.name).toBe('');
  });

  it('are certain when the other aggregations were seen to be printed', () => {
    expect(readDtraceText(script('tick-1s'), row).aggregates[0]?.name).toBe('');
    const seen = readDtraceText(script('tick-1s'), `A dd 1\n${row}`);
    expect(seen.aggregates.map(line)).toEqual(['a[dd] count = 1', 'b[dd] sum = 7']);
  });

  it('also follow from the sign and from the kind of key', () => {
    const negative = row.replace('  7\n', ' -7\n');
    const script = 'BEGIN { @a[execname] = count(); @b[execname] = sum(1); @c[pid] = count(); }';
    expect(readDtraceText(script, negative).aggregates.map(line)).toEqual(['b[dd] sum = -7']);
    const pids = `      410${'3'.padStart(17)}\n`;
    expect(readDtraceText(script, pids).aggregates.map(line)).toEqual(['c[410] count = 3']);
  });

  it('are `_` for an aggregation without a name', () => {
    const script = 'BEGIN { @[execname] = count(); }';
    expect(readDtraceText(script, row).aggregates.map(line)).toEqual(['_[dd] count = 7']);
  });
});

describe('the events of a script', () => {
  it('hold what a firing printed, with its lines', () => {
    const { events } = readDtraceText('syscall::read:entry {}', fixture('linux-stream.txt'));
    expect(events.map(({ text }) => text)).toEqual([
      'fd 3 len 4096',
      'fd 3 len 4096',
      'fd 0 len 1024',
      'fd 0 len 1024',
    ]);
    expect(events[0]).toMatchObject({ probe: 'read:entry', cpu: 1 });
  });

  it('are single lines in quiet mode', () => {
    const { events, aggregates } = readDtraceText('', fixture('freebsd-printf-quiet.txt'));
    expect(events).toHaveLength(14);
    expect(events[1]).toEqual({ probe: '', cpu: null, text: 'E 1606206327999 ioctl 1' });
    expect(aggregates).toEqual([]);
  });

  it('are named by their arrows in flowindent mode', () => {
    const { events, aggregates } = read('linux-flowindent.d', 'linux-flowindent.txt');
    expect(events.slice(0, 3)).toEqual([
      { probe: ':BEGIN', cpu: 0, text: '' },
      { probe: 'read:entry', cpu: 0, text: 'n 3' },
      { probe: 'read:return', cpu: 0, text: 'n 2996' },
    ]);
    expect(aggregates.map(line)).toEqual(['_[read] count = 8', '_[write] count = 10']);
  });
});
