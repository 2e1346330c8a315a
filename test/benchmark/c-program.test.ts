import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src/benchmark/ipc-benchmark.c', import.meta.url));
const recordings = fileURLToPath(new URL('../fixtures/ipc-benchmark/', import.meta.url));

const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror'];
const sanitizers = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const libraries = process.platform === 'sunos' ? ['-lsocket', '-lnsl'] : [];

type Build = {
  readonly name: string;
  readonly compiler: string;
  readonly flags: readonly string[];
};

const can = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasGcc = can('gcc', '--version');
const hasClang = can('clang', '--version');
const hasStrace = can('strace', '-qq', '-o', '/dev/null', 'true');

const root = mkdtempSync(join(tmpdir(), 'ipc-benchmark-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A compiler can be there without its sanitizer run-time. */
function sanitizingCompiler(): string | undefined {
  const probe = join(root, 'probe');
  return ['clang', 'gcc'].find(
    (compiler) =>
      spawnSync(compiler, [...sanitizers, '-x', 'c', '-', '-o', probe], {
        input: 'int main(void) { return 0; }',
      }).status === 0 && can(probe),
  );
}

const sanitizing = sanitizingCompiler();
const builds: readonly (Build & { readonly skip: string | undefined })[] = [
  { name: 'gcc', compiler: 'gcc', flags: [], skip: hasGcc ? undefined : 'no gcc here' },
  { name: 'clang', compiler: 'clang', flags: [], skip: hasClang ? undefined : 'no clang here' },
  {
    name: `${sanitizing ?? 'no compiler'} with address and undefined sanitizers`,
    compiler: sanitizing ?? '',
    flags: sanitizers,
    skip: sanitizing ? undefined : 'no compiler here links the sanitizers',
  },
];

/** Compiles into a directory of its own, so that the program keeps its real name. */
function compile(build: Build): string {
  const directory = mkdtempSync(join(root, 'build-'));
  const program = join(directory, 'ipc-benchmark');
  const result = spawnSync(
    build.compiler,
    ['-std=c11', '-O2', ...warnings, '-pthread', ...build.flags, source, '-o', program].concat(
      libraries,
    ),
    { encoding: 'utf8' },
  );
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
  return program;
}

/** The kernel's limit for counting by users other than root; undefined where there is none. */
function perfParanoid(): number | undefined {
  try {
    return Number(readFileSync('/proc/sys/kernel/perf_event_paranoid', 'utf8'));
  } catch {
    return undefined;
  }
}

function recorded(name: string): string {
  return readFileSync(join(recordings, name), 'utf8');
}

const withoutNumbers = (text: string) => text.replaceAll(/-?\d+/g, '#');

/** Only the samples: what comes before them describes the machine of the recording. */
function samplesOnly(text: string): string {
  return text.slice(text.indexOf('  "benchmark_samples"'));
}

function section(text: string, key: string): string {
  const start = text.indexOf(`  "${key}"`);
  return text.slice(start, text.indexOf('\n  }', start));
}

const keysInOrder = (text: string) => [...text.matchAll(/"([^"]+)":/g)].map((match) => match[1]);

function isSubsequence(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let next = 0;
  for (const item of whole) if (item === part[next]) next += 1;
  return next === part.length;
}

/** Against a program that hangs. */
const HANG_MS = 300_000;

const words = (text: string) => text.split(' ');
const small = words('-b 16384 -t 32768');

/** A port of this worker's own: other test files may be running the program as well. */
const port = String(20000 + (process.pid % 10000));

for (const build of builds) {
  const title = `ipc-benchmark built by ${build.name}`;
  describe.skipIf(build.skip)(build.skip ? `${title} (skipped: ${build.skip})` : title, () => {
    let program = '';
    beforeAll(() => {
      program = compile(build);
    });

    function run(...args: string[]) {
      return spawnSync(program, args, { encoding: 'utf8', timeout: HANG_MS });
    }

    function usageMessage(...args: string[]): string {
      const { status, stdout, stderr } = run(...args);
      expect(status).toBe(64);
      expect(stderr).toBe('');
      const document = JSON.parse(stdout);
      expect(Object.keys(document)).toEqual(['error']);
      expect(Object.keys(document.error)).toEqual(['message']);
      expect(stdout.match(/"error"/g)).toHaveLength(1);
      return document.error.message;
    }

    describe('samples', () => {
      for (const mode of ['2proc', '2thread']) {
        for (const ipc of ['pipe', 'local', 'tcp', 'shmem']) {
          it(`moves the data in ${mode} over ${ipc}`, () => {
            const { status, stdout, stderr } = run(
              ...words(`-B -j -i ${ipc} -p ${port} -b 16384 -t 32768 ${mode}`),
            );
            expect(stderr).toBe('');
            expect(status).toBe(0);
            expect(JSON.parse(stdout).benchmark_samples).toHaveLength(1);
          });
        }
      }

      it('prints eleven samples with resource usage in the same layout as the recorded program', () => {
        const { stdout } = run(...words('-B -g -j -i pipe -b 16384 -t 1048576 -n 11 2proc'));
        expect(withoutNumbers(stdout)).toBe(withoutNumbers(recorded('bare_g_n11.stdout')));
      });

      it('prints times as strings, and the bandwidth as a number that follows from them', () => {
        const { stdout } = run('-B', '-g', '-j', '-t', '1048576', '2proc');
        const [sample] = JSON.parse(stdout).benchmark_samples;
        expect(sample.time).toMatch(/^\d+\.\d{9}$/);
        expect(sample.stime).toMatch(/^\d+\.\d{6}$/);
        expect(sample.utime).toMatch(/^\d+\.\d{6}$/);
        expect(Number(sample.time)).toBeGreaterThan(0);
        expect(sample.bandwidth).toBeCloseTo(1024 / Number(sample.time), 1);
        expect(Number.isInteger(sample.nvcsw)).toBe(true);
      });

      it('moves single bytes', () => {
        const { status, stdout } = run('-B', '-j', '-b', '1', '-t', '1000', '2proc');
        expect(status).toBe(0);
        expect(JSON.parse(stdout).benchmark_samples).toHaveLength(1);
      });

      it('moves a buffer far larger than the channel', () => {
        for (const cell of ['-i pipe -b 8388608 -t 8388608 2proc', '-i local -b 8388608 2thread']) {
          const { status, stderr } = run('-B', '-q', ...words(cell));
          expect([status, stderr]).toEqual([0, '']);
        }
      });

      it('passes single bytes, large buffers and several samples through shared memory', () => {
        for (const cell of [
          '-b 1 -t 1000 2proc',
          '-b 1 -t 1000 2thread',
          '-b 8388608 -t 33554432 2proc',
          '-b 8388608 -t 33554432 2thread',
        ]) {
          const { status, stdout, stderr } = run(...words(`-B -j -g -n 3 -i shmem ${cell}`));
          expect([status, stderr]).toEqual([0, '']);
          expect(JSON.parse(stdout).benchmark_samples).toHaveLength(3);
        }
      });

      it('accepts -s with the socket types', () => {
        for (const ipc of ['local', 'tcp']) {
          const { status, stderr } = run(
            ...words(`-B -q -s -i ${ipc} -p ${port} -b 16384 -t 32768 2proc`),
          );
          expect(stderr).toBe('');
          expect(status).toBe(0);
        }
      });

      it('prints samples as text blocks without -j', () => {
        const { status, stdout } = run('-B', '-g', '-n', '2', ...small, '2thread');
        expect(status).toBe(0);
        const block = [
          'datum:',
          '  bandwidth: #.# KBytes/sec',
          '  time: #.# seconds',
          '  stime: #.# seconds',
          '  utime: #.# seconds',
          '  msgsnd: # messages',
          '  msgrcv: # messages',
          '  nvcsw: # voluntary context switches',
          '  nivcsw: # involuntary context switches',
          '',
        ].join('\n');
        expect(withoutNumbers(stdout)).toBe(block + block);
      });

      it('prints nothing on success with -q, whatever else was asked for', () => {
        for (const args of [['2proc'], ['2thread'], ['describe']]) {
          const { status, stdout, stderr } = run('-B', '-q', '-g', '-j', '-v', ...small, ...args);
          expect([status, stdout, stderr]).toEqual([0, '', '']);
        }
      });

      it('includes the sleeps when -B is not given', () => {
        const start = process.hrtime.bigint();
        const { status, stdout } = run('-j', '-v', ...small, '2thread');
        const elapsedMs = Number((process.hrtime.bigint() - start) / 1_000_000n);
        expect(status).toBe(0);
        expect(elapsedMs).toBeGreaterThanOrEqual(2000);
        const { time } = JSON.parse(stdout).benchmark_samples[0];
        expect(1000 * Number(time)).toBeLessThanOrEqual(elapsedMs - 1999);
      });
    });

    describe('counters', () => {
      const pages = (bytes: number) => {
        const size = spawnSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }).stdout;
        return bytes / Number(size);
      };
      const counted = (uid: number | undefined, ...args: string[]) => {
        const { status, stdout, stderr } = spawnSync(program, args, {
          encoding: 'utf8',
          timeout: HANG_MS,
          ...(uid === undefined ? {} : { uid }),
        });
        expect(status).toBe(0);
        return { stderr, samples: JSON.parse(stdout).benchmark_samples };
      };

      it.each(['2proc', '2thread'])('counts the software set of both sides in %s', (mode) => {
        const { samples } = counted(
          undefined,
          ...words(`-B -j -g -P software -n 3 -b 1048576 ${mode}`),
        );
        expect(samples).toHaveLength(3);
        for (const sample of samples) {
          expect(sample.TASK_CLOCK_NS).toBeGreaterThan(0);
          expect(sample.PAGE_FAULTS).toBe(sample.MINOR_FAULTS + sample.MAJOR_FAULTS);
          // What -g counts has the fork and the end of the child, too.
          expect(sample.CONTEXT_SWITCHES).toBeLessThanOrEqual(sample.nvcsw + sample.nivcsw);
          // A buffer of 1 MiB makes at least one side wait for the other at each of 16 writes.
          expect(sample.CONTEXT_SWITCHES).toBeGreaterThanOrEqual(16);
        }
      });

      it('counts the page faults of the receiver, whose buffer is copied after the fork', () => {
        const faults = (bytes: number) =>
          counted(undefined, ...words(`-B -j -P software -b ${bytes} -t 1048576 2proc`)).samples[0]
            .PAGE_FAULTS;
        const more = faults(1048576) - faults(262144);
        expect(more).toBeGreaterThan(0.9 * pages(786432));
        expect(more).toBeLessThan(1.1 * pages(786432) + 30);
      });

      it('counts nothing during the sleeps before and after the transfer', () => {
        const { samples } = counted(undefined, ...words('-j -P software -b 16384 -t 32768 2proc'));
        expect(samples[0].TASK_CLOCK_NS).toBeLessThan(1e9);
        expect(samples[0].PAGE_FAULTS).toBeLessThan(100);
      });

      const paranoid = perfParanoid();
      const refused = process.geteuid?.() === 0 && paranoid !== undefined && paranoid > 1;
      it.skipIf(!refused)(
        'counts by getrusage if the kernel lets this user count nothing, and says so (needs root, and perf_event_paranoid above 1)',
        () => {
          chmodSync(root, 0o755);
          chmodSync(dirname(program), 0o755);
          for (const mode of ['2proc', '2thread']) {
            const { samples, stderr } = counted(
              65534,
              ...words(`-B -j -g -P software -n 2 -b 1048576 ${mode}`),
            );
            expect(stderr).toMatch(/^ipc-benchmark: warning: -P software: .* by getrusage.*\n$/);
            expect(Object.keys(samples[0])).not.toContain('CPU_MIGRATIONS');
            expect(samples[1].TASK_CLOCK_NS).toBeGreaterThan(0);
            expect(samples[1].CONTEXT_SWITCHES).toBeGreaterThanOrEqual(16);
            expect(samples[1].CONTEXT_SWITCHES).toBeLessThanOrEqual(
              samples[1].nvcsw + samples[1].nivcsw,
            );
            if (mode === '2proc') expect(samples[1].PAGE_FAULTS).toBeGreaterThan(pages(943718));
          }
          const { status, stderr } = spawnSync(program, words('-B -j -P arch 2proc'), {
            ...{ encoding: 'utf8', uid: 65534, timeout: HANG_MS },
          });
          expect(status).toBe(71);
          expect(stderr).toContain(
            `-P arch: this user may not count (perf_event_open: Permission denied; kernel.perf_event_paranoid is ${paranoid},`,
          );
        },
      );

      it('counts a set of the processor, or says that this machine has none', () => {
        const { status, stdout, stderr } = run(...words('-B -j -P arch -b 16384 -t 1048576 2proc'));
        if (status === 0) {
          const [sample] = JSON.parse(stdout).benchmark_samples;
          expect(sample.INST_RETIRED).toBeGreaterThan(64 * 100);
          expect(sample.CPU_CYCLES).toBeGreaterThan(0);
          return;
        }
        expect(status).toBe(71);
        expect(JSON.parse(stdout)).toEqual({ benchmark_samples: [] });
        expect(stderr).toMatch(/^ipc-benchmark: FAIL: -P arch: .*; -P software works\n$/);
      });

      it('names the set in its configuration', () => {
        const { stdout } = run(...words('-B -j -v -P software -b 16384 -t 32768 2proc'));
        expect(JSON.parse(stdout).benchmark_configuration.pmctype).toBe('software');
      });
    });

    describe('configuration', () => {
      it('prints the same configuration as the recorded canonical command', () => {
        for (const [recording, args] of [
          ['canonical', ['-B', '-j', '-v', '-i', 'pipe', ...small, '2proc']],
          ['local', ['-B', '-j', '-v', '-i', 'local', ...small, '2proc']],
          ['two_thread', ['-B', '-j', '-v', '-i', 'pipe', ...small, '2thread']],
        ] as const) {
          const { status, stdout } = run(...args);
          const expected = recorded(`${recording}.stdout`);
          expect(status).toBe(0);
          expect(section(stdout, 'benchmark_configuration')).toBe(
            section(expected, 'benchmark_configuration'),
          );
          expect(withoutNumbers(samplesOnly(stdout))).toBe(withoutNumbers(samplesOnly(expected)));
        }
      });

      it('has the recorded keys in the recorded order, less those without an equivalent', () => {
        const { stdout } = run('-B', '-j', '-v', '-i', 'pipe', ...small, '2proc');
        const expected = recorded('canonical.stdout');
        const pageSizeOnce = (text: string) => [...new Set(keysInOrder(text))];
        expect(isSubsequence(pageSizeOnce(stdout), pageSizeOnce(expected))).toBe(true);
        expect(Object.keys(JSON.parse(stdout))).toEqual(Object.keys(JSON.parse(expected)));
      });

      it('gives each value the recorded type', () => {
        const types = (value: unknown): unknown => {
          if (Array.isArray(value)) return [types(value[0])];
          if (typeof value !== 'object' || value === null) return typeof value;
          return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, types(v)]));
        };
        const { stdout } = run('-B', '-j', '-v', '-i', 'pipe', ...small, '2proc');
        const expected = JSON.parse(recorded('canonical.stdout'));
        expect(types(expected)).toMatchObject(types(JSON.parse(stdout)) as object);
      });

      it('describes the machine as complete JSON without a run', () => {
        const { status, stdout, stderr } = run('-j', 'describe');
        expect([status, stderr]).toEqual([0, '']);
        expect(stdout.endsWith('\n  }\n}\n')).toBe(true);
        const document = JSON.parse(stdout);
        expect(document).not.toHaveProperty('benchmark_samples');
        expect(document.benchmark_configuration).toEqual(
          JSON.parse(`${recorded('describe_j.stdout')}\n}`).benchmark_configuration,
        );
      });

      it('describes the machine as text with headings', () => {
        const { stdout } = run('describe');
        expect(stdout.split('\n').filter((line) => line.endsWith(':'))).toEqual([
          'Hardware configuration:',
          'OS configuration:',
          'Network and IPC configuration:',
          'Benchmark configuration:',
        ]);
        expect(stdout).toMatch(/^ {2}hw\.pagesizes: \d+(, \d+)*$/m);
      });
    });

    describe('usage', () => {
      const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
        ['a size with a suffix', ['-b', '16k', '2proc'], /-b: expected a whole number.*'16k'/],
        ['an empty size', ['-t', '', '2proc'], /-t: expected a whole number/],
        ['a size of zero', ['-b', '0', '2proc'], /-b: expected .* from 1 to/],
        ['a negative count', ['-n', '-1', '2proc'], /-n: expected/],
        ['a hexadecimal size', ['-b', '0x10', '2proc'], /-b: expected/],
        ['a size beyond 64 bits', ['-b', '99999999999999999999', '2proc'], /-b: expected/],
        ['a port of 65536', ['-p', '65536', '2proc'], /-p: expected .* from 1 to 65535/],
        [
          'a channel that is not offered',
          ['-i', 'fifo', '2proc'],
          /expected pipe, local, tcp or shmem/,
        ],
        [
          '-s with shared memory',
          ['-s', '-i', 'shmem', '2proc'],
          /-s: expected -i local or -i tcp/,
        ],
        ['a set that is not offered', ['-P', 'l2', '2proc'], /-P: expected none, arch, dcache/],
        ['-s on a pipe', ['-s', '2proc'], /-s: expected -i local or -i tcp/],
        ['no mode', [], /expected one mode/],
        ['two modes', ['2proc', '2thread'], /expected one mode .* got 2/],
        ['an option after the mode', ['2proc', '-q'], /expected one mode .* got 2/],
        ['a mode that is not offered', ['1thread'], /expected 2proc, 2thread or describe/],
        ['an unknown option', ['-x', '2proc'], /unknown option -x/],
        ['an option without its value', ['-b'], /-b: needs a value/],
      ];

      for (const [what, args, message] of mistakes) {
        it(`refuses ${what} with exit code 64, in JSON after -j and otherwise in text`, () => {
          expect(usageMessage('-j', ...args)).toMatch(message);
          const { status, stdout, stderr } = run(...args);
          expect([status, stdout]).toEqual([64, '']);
          expect(stderr).toMatch(message);
          expect(stderr).toMatch(/^usage: ipc-benchmark /m);
        });
      }

      it('reports a mistake before -j in text', () => {
        const { status, stdout, stderr } = run('-b', '0', '-j', '2proc');
        expect([status, stdout]).toEqual([64, '']);
        expect(stderr).toMatch(/-b: expected/);
      });

      it('stays valid JSON when the argument holds quotes and control characters', () => {
        expect(usageMessage('-j', '-b', 'a"b\\c\n\té', '2proc')).toContain('a"b\\c\n\té');
      });

      it('checks -s before the mode, and the mode before the sizes', () => {
        expect(usageMessage('-j', '-s', 'nonsense')).toMatch(/^-s:/);
        expect(usageMessage('-j', '-b', '3', '-t', '4', 'nonsense')).toMatch(/^mode:/);
      });

      it('refuses a total that is not a multiple of the buffer, with the recorded message', () => {
        const { status, stdout, stderr } = run('-j', '-v', '-b', '16384', '-t', '40000', '2proc');
        expect(status).toBe(64);
        expect(stdout).toBe(recorded('e_mult_j.stdout'));
        expect(stderr).toMatch(/^ipc-benchmark: FAIL: .*\(40000\).*\(16384\)\n$/);
      });

      it('accepts a repeated option by its last value, blanks and a plus before a number, and -P none', () => {
        const { status, stdout } = run(
          ...['-B', '-j', '-v', '-P', 'none', '-b', '7', '-b', ' +512', '-t', '1024', '2proc'],
        );
        expect(status).toBe(0);
        expect(JSON.parse(stdout).benchmark_configuration).toMatchObject({
          buffersize: 512,
          msgcount: 2,
          pmctype: 'none',
        });
      });
    });

    describe('failures', () => {
      it('refuses buffers that do not fit in memory with exit code 71', () => {
        const huge = String(2 ** 50);
        const { status, stdout, stderr } = run('-B', '-j', '-b', huge, '-t', huge, '2proc');
        expect([status, stdout]).toEqual([71, '{ }\n']);
        expect(stderr).toMatch(/^ipc-benchmark: FAIL: buffers of \d+ bytes do not fit in .*\n$/);
      });

      it('refuses a TCP port that is in use with exit code 71', async () => {
        const { createServer } = await import('node:net');
        const server = createServer();
        await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
        const address = server.address();
        const taken = typeof address === 'object' && address !== null ? address.port : 0;
        const { status, stdout, stderr } = run(...words(`-B -j -i tcp -p ${taken} 2proc`));
        server.close();
        expect(status).toBe(71);
        expect(JSON.parse(stdout)).toEqual({ benchmark_samples: [] });
        expect(stderr).toContain(`bind 127.0.0.1:${taken}: `);
      });

      it('uses one TCP port again and again', () => {
        const { status, stdout } = run(
          ...words(`-B -j -i tcp -p ${port} -n 20 -b 16384 -t 32768 2proc`),
        );
        expect(status).toBe(0);
        expect(JSON.parse(stdout).benchmark_samples).toHaveLength(20);
      });

      it.skipIf(process.platform !== 'linux')(
        'ends with exit code 74 when its report cannot be written',
        () => {
          for (const [redirection, reason] of [
            ['>/dev/full', 'No space left on device'],
            ['>&-', 'Bad file descriptor'],
          ]) {
            const { status, stderr } = spawnSync(
              'sh',
              ['-c', `"$1" -B -j -b 16384 -t 32768 2proc ${redirection}`, 'sh', program],
              { encoding: 'utf8', timeout: HANG_MS },
            );
            expect(status).toBe(74);
            expect(stderr).toBe(`ipc-benchmark: FAIL: standard output: ${reason}\n`);
          }
        },
      );

      it('succeeds with -q even if standard output is closed', () => {
        const { status } = spawnSync('sh', ['-c', '"$1" -B -q 2proc >&-', 'sh', program]);
        expect(status).toBe(0);
      });
    });

    describe('deaths', () => {
      const started: ChildProcess[] = [];
      afterAll(() => {
        for (const child of started) child.kill('SIGKILL');
      });

      /** More bytes than will ever arrive: the tests below end it. */
      function startLong(ipc: string) {
        const output = join(root, `deaths-${process.pid}-${started.length}`);
        const out = openSync(`${output}.out`, 'w');
        const err = openSync(`${output}.err`, 'w');
        const child = spawn(
          program,
          words(`-B -j -i ${ipc} -p ${port} -b 4096 -t ${2 ** 40} 2proc`),
          { stdio: ['ignore', out, err] },
        );
        closeSync(out);
        closeSync(err);
        started.push(child);
        const ended = new Promise<readonly [number | null, string | null]>((done) =>
          child.once('exit', (code, signal) => done([code, signal])),
        );
        return { child, output, ended };
      }

      async function writerOf(parent: number): Promise<number> {
        let writer = '';
        while (writer === '') {
          await sleep(20);
          const { stdout } = spawnSync('pgrep', ['-P', String(parent)], { encoding: 'utf8' });
          writer = stdout.trim();
        }
        // Bytes go from one to the other; elsewhere than on Linux they have a second for that.
        if (process.platform !== 'linux') await sleep(1000);
        else while (!isAtWork(writer)) await sleep(20);
        return Number(writer);
      }

      /** Whether it has written much, or waited often for the reader of shared memory. */
      function isAtWork(pid: string): boolean {
        const number = (file: string, key: string) =>
          Number(
            new RegExp(`^${key}:\\s*(\\d+)$`, 'm').exec(
              readFileSync(`/proc/${pid}/${file}`, 'utf8'),
            )?.[1],
          );
        return number('io', 'wchar') > 2 ** 20 || number('status', 'voluntary_ctxt_switches') > 200;
      }

      /** A zombie is dead: it only waits for whoever adopted it. */
      function isAlive(pid: number): boolean {
        const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], {
          encoding: 'utf8',
        });
        return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
      }

      for (const ipc of ['pipe', 'local', 'tcp', 'shmem']) {
        it(`ends with exit code 74 when the writer is killed over ${ipc}`, async () => {
          const { child, output, ended } = startLong(ipc);
          const writer = await writerOf(child.pid ?? 0);
          process.kill(writer, 'SIGKILL');
          expect(await ended).toEqual([74, null]);
          expect(readFileSync(`${output}.err`, 'utf8')).toMatch(
            ipc === 'shmem'
              ? 'ipc-benchmark: FAIL: writer ended early (killed by signal 9)\n'
              : /^ipc-benchmark: FAIL: (writer ended early|read: .*) after \d+ of \d+ bytes.*\n$/,
          );
          expect(JSON.parse(readFileSync(`${output}.out`, 'utf8'))).toEqual({
            benchmark_samples: [],
          });
        });

        it(`leaves no writer behind when the reader is killed over ${ipc}`, async () => {
          const { child, ended } = startLong(ipc);
          const writer = await writerOf(child.pid ?? 0);
          child.kill('SIGKILL');
          await ended;
          await expect.poll(() => isAlive(writer)).toBe(false);
        });
      }
    });

    it('uses the name under which it was started', () => {
      const directory = join(root, `renamed-${build.compiler}`);
      mkdirSync(directory, { recursive: true });
      copyFileSync(program, join(directory, 'other-name'));
      const { stderr } = spawnSync(join(directory, 'other-name'), [], { encoding: 'utf8' });
      expect(stderr).toMatch(/^other-name: /);
    });
  });
}

const plain = builds.find((build) => build.skip === undefined && build.flags.length === 0);
const noStrace = hasStrace ? undefined : 'no strace that may trace here';
const noTracing = plain === undefined ? 'no compiler here' : noStrace;
const underStrace = 'ipc-benchmark under strace';

describe.skipIf(noTracing)(
  noTracing ? `${underStrace} (skipped: ${noTracing})` : underStrace,
  () => {
    let program = '';
    beforeAll(() => {
      if (plain) program = compile(plain);
    });

    /** Fails chosen system calls; with `when=3` only the sender calls write(2) often enough. */
    function runFailing(fault: string, command: string) {
      return spawnSync(
        'strace',
        [...words('-f -qq -o /dev/null -e'), `inject=${fault}`, program, ...words(command)],
        { encoding: 'utf8', timeout: HANG_MS },
      );
    }

    /** Reads and writes on descriptors above 2, without those of the dynamic loader. */
    function countTransfers(command: string) {
      const log = join(root, 'strace.log');
      const traced = ['-f', '-qq', '-o', log, '-e', 'trace=read,write,sched_setaffinity'];
      const { status } = spawnSync('strace', [...traced, program, ...words(command)], {
        timeout: HANG_MS,
      });
      expect(status).toBe(0);
      const lines = readFileSync(log, 'utf8').split('\n');
      const afterLoading = lines.slice(lines.findIndex((l) => l.includes('sched_setaffinity')));
      const count = (name: string) =>
        afterLoading.filter((l) => new RegExp(`^\\d+ +${name}\\(([3-9]|\\d\\d)`).test(l)).length;
      return { reads: count('read'), writes: count('write') };
    }

    const noSamples = '{\n  "benchmark_samples": [\n  ]\n}\n';

    for (const mode of ['2proc', '2thread']) {
      it(`reports a failed write with exit code 74 and complete JSON in ${mode}`, () => {
        const { status, stdout, stderr } = runFailing(
          'write:error=EIO:when=3',
          `-B -j -b 4096 -t 16384 ${mode}`,
        );
        expect([status, stdout]).toEqual([74, noSamples]);
        expect(stderr).toBe(
          'ipc-benchmark: FAIL: writer ended early after 8192 of 16384 bytes ' +
            '(write: Input/output error)\n',
        );
      });

      it(`reports a failed read with exit code 74 and complete JSON in ${mode}`, () => {
        const { status, stdout, stderr } = runFailing('read:error=EIO:when=3', `-B -j ${mode}`);
        expect([status, stdout]).toEqual([74, noSamples]);
        expect(stderr).toMatch(/^ipc-benchmark: FAIL: read: .* after \d+ of 16777216 bytes\n$/);
      });

      it(`carries on after an interrupted read or write in ${mode}`, () => {
        for (const call of ['read', 'write']) {
          const { status, stderr } = runFailing(`${call}:error=EINTR:when=3`, `-B -q ${mode}`);
          expect([status, stderr]).toEqual([0, '']);
        }
      });

      it(`ends with exit code 71 when it cannot start the writer in ${mode}`, () => {
        const { status, stdout, stderr } = runFailing('/clone.*:error=EAGAIN', `-B -j ${mode}`);
        expect([status, stdout]).toEqual([71, noSamples]);
        expect(stderr).toMatch(/^ipc-benchmark: FAIL: (fork|pthread_create): /);
      });

      it(`reads and writes exactly total / buffer times in ${mode}`, () => {
        const one = countTransfers(`-B -q -b 16384 -t 1048576 ${mode}`);
        expect(one).toEqual({ reads: 64, writes: 64 });
        const three = countTransfers(`-B -q -b 512 -t 51200 -n 3 ${mode}`);
        expect(three).toEqual({ reads: 300, writes: 300 });
      });

      it(`neither reads nor writes in ${mode} over shared memory`, () => {
        const none = countTransfers(`-B -q -i shmem -b 512 -t 51200 -n 3 ${mode}`);
        expect(none).toEqual({ reads: 0, writes: 0 });
      });

      it(`ends with exit code 71 when it cannot start the writer of shared memory in ${mode}`, () => {
        const { status, stderr } = runFailing('/clone.*:error=EAGAIN', `-B -j -i shmem ${mode}`);
        expect(status).toBe(71);
        expect(stderr).toMatch(/^ipc-benchmark: FAIL: (fork|pthread_create): /);
      });

      it(`reads its counters without another read(2) in ${mode}`, () => {
        const counted = countTransfers(`-B -q -P software -b 512 -t 51200 -n 3 ${mode}`);
        expect(counted).toEqual({ reads: 300, writes: 300 });
      });
    }

    const onLinux = process.platform === 'linux';
    it.skipIf(!onLinux)('counts by getrusage where a container forbids perf events', () => {
      const { status, stdout, stderr } = runFailing(
        'perf_event_open:error=EPERM',
        '-B -j -P software -b 4096 -t 1048576 -n 2 2proc',
      );
      expect(status).toBe(0);
      expect(Object.keys(JSON.parse(stdout).benchmark_samples[1]).slice(2)).toEqual([
        ...['TASK_CLOCK_NS', 'PAGE_FAULTS', 'MINOR_FAULTS', 'MAJOR_FAULTS', 'CONTEXT_SWITCHES'],
      ]);
      expect(stderr).toBe(
        'ipc-benchmark: warning: -P software: perf_event_open: Operation not permitted; counted by getrusage, without CPU_MIGRATIONS\n',
      );
    });

    it.skipIf(!onLinux)('leaves out a counter that the processor lacks, and names it once', () => {
      const { status, stdout, stderr } = runFailing(
        'perf_event_open:error=EOPNOTSUPP:when=3+6',
        '-B -j -P software -b 4096 -t 1048576 -n 2 2proc',
      );
      expect(status).toBe(0);
      expect(stdout).not.toContain('MINOR_FAULTS');
      expect(stdout.match(/MAJOR_FAULTS/g)).toHaveLength(2);
      expect(stderr).toBe(
        'ipc-benchmark: warning: -P software: not counted on this processor: MINOR_FAULTS\n',
      );
    });

    it('runs unbound, with a warning, where CPU 0 is not allowed', () => {
      const { status, stdout, stderr } = runFailing(
        'sched_setaffinity:error=EINVAL',
        '-B -j 2proc',
      );
      expect(status).toBe(0);
      expect(JSON.parse(stdout).benchmark_samples).toHaveLength(1);
      expect(stderr).toBe('ipc-benchmark: warning: not bound to CPU 0: Invalid argument\n');
    });

    it('writes a buffer larger than the pipe in one call', () => {
      const { reads, writes } = countTransfers('-B -q -b 1048576 -t 4194304 2proc');
      expect(writes).toBe(4);
      expect(reads).toBeGreaterThan(4);
    });
  },
);
