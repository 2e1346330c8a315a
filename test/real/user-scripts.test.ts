import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachScript } from '../../src/trace/user-scripts/attached-script.ts';
import { readScriptFiles } from '../../src/trace/user-scripts/script-file.ts';
import { prepareScripts } from '../../src/trace/user-scripts/user-scripts.ts';
import { Workplace } from '../cli/workplace.ts';
import { type LocalHost, localHost } from '../host/local-host.ts';
import { untraceable } from './required.ts';

const missing = untraceable();
const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

/** A name that no other test's benchmark has. */
const NAME = `own-${process.pid}`;
cpSync(place.path('programs', 'answers'), place.path(NAME));

/** A benchmark of another name, which does something first when it is to measure. */
function benchmark(suffix: string, first: string): string {
  const name = place.write(
    `${NAME}-${suffix}`,
    `#!/bin/sh\ncase " $* " in *" describe "*) ;; *) ${first} ;; esac\nexec ./programs/answers "$@"\n`,
  );
  chmodSync(place.path(name), 0o755);
  return name;
}

function specWith(name: string, scripts: string, trials = 1, program = NAME): string {
  return place.write(
    `${name}.yaml`,
    [
      `name: ${name}`,
      `benchmark: { program: ${program}, bare: true }`,
      `trace: { tracer: none, scripts: ${scripts} }`,
      'matrix: { buffer_size: 512, total_size: 1KiB }',
      `trials: ${trials}`,
      'retry: { suspect: 0 }\n',
    ].join('\n'),
  );
}

interface Run {
  readonly state: string;
  readonly reason: string | null;
}
const runsOf = (sweep: string) =>
  place.query<Run>(
    `SELECT state, reason FROM run_overview WHERE sweep = '${sweep}' ORDER BY ordinal`,
  );

/** Processes of bpftrace that have a script's file among their words. */
function tracersOf(script: string): readonly number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isTracer = readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'bpftrace';
      return isTracer && words.some((word) => word.includes(script)) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

describe.skipIf(missing !== undefined)('a script of the user, run by bpftrace', () => {
  it('is believed when it was attached all the time, even with a BEGIN and an END', async () => {
    place.write(
      'good.bt',
      `BEGIN { printf("hello\\n"); @big = (uint64)9007199254740993; }
tracepoint:raw_syscalls:sys_enter /comm == "${NAME}"/ { @calls = count(); }
END { print(@calls); printf("bye\\n"); }\n`,
    );
    const { code } = await place.run('run', specWith('good', '[good.bt]', 2));
    expect([code, runsOf('good').map(({ state }) => state)]).toEqual([
      0,
      ['completed', 'completed'],
    ]);
    const rows = place.csv('results', 'good-1', 'aggregations.csv');
    expect(new Set(rows.map((row) => `${row.name} ${row.printing}`))).toEqual(
      new Set(['calls 1', 'calls 2', 'big 1']),
    );
    expect(rows.filter(({ name }) => name === 'big').map(({ value }) => value)).toEqual([
      '9007199254740993',
      '9007199254740993',
    ]);
    const texts = place.csv('results', 'good-1', 'events.csv').map(({ text }) => text);
    expect(texts).toEqual(['hello', 'bye', 'hello', 'bye']);
  });

  it('is suspect when it calls exit() during the run', async () => {
    place.write(
      'exits.bt',
      `tracepoint:raw_syscalls:sys_enter /comm == "${NAME}"/ { @calls = count(); exit(); }\n`,
    );
    const { code } = await place.run('run', specWith('exits', '[exits.bt]'));
    expect([code, runsOf('exits')]).toEqual([
      1,
      [{ state: 'suspect', reason: 'script-ended-early' }],
    ]);
  });

  it('is suspect when its tracer is killed during the run', async () => {
    const program = benchmark('slow', 'while [ ! -e go ]; do sleep 0.05; done');
    place.write('killed.bt', 'tracepoint:raw_syscalls:sys_enter { @calls = count(); }\n');
    const spec = specWith('killed', '[killed.bt]', 1, program);
    const started = place.start(['run', spec]);
    const isRunning = () =>
      readdirSync('/proc').some((pid) => {
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return words.includes(`/${program}\0`) && !words.includes('describe');
        } catch {
          return false;
        }
      });
    await place.until(isRunning);
    expect(tracersOf('killed.bt')).toHaveLength(1);
    for (const pid of tracersOf('killed.bt')) process.kill(pid, 'SIGKILL');
    await place.until(() => tracersOf('killed.bt').length === 0);
    place.write('go', '');
    expect((await started.ended).code).toBe(1);
    expect(runsOf('killed')).toEqual([{ state: 'suspect', reason: 'script-ended-early' }]);
  });

  it('is suspect when another benchmark of that name runs beside it', async () => {
    cpSync('/bin/sleep', place.path('beside', NAME));
    const beside = spawn(place.path('beside', NAME), ['600'], { stdio: 'ignore', cwd: '/' });
    try {
      const { code } = await place.run('run', specWith('beside', '[good.bt]'));
      expect([code, runsOf('beside')]).toEqual([
        1,
        [{ state: 'suspect', reason: 'script-foreign-benchmark' }],
      ]);
    } finally {
      beside.kill('SIGKILL');
    }
  });

  it('keeps the text that was read when the sweep began, whatever is written to its file meanwhile', async () => {
    place.write('edited.bt', 'BEGIN { @version = 1; }\n');
    const program = benchmark('edits', 'echo "BEGIN { @version = 2; }" > edited.bt');
    const spec = specWith('edited', '[edited.bt]', 3, program);
    expect((await place.run('run', spec)).code).toBe(0);
    expect(place.read('edited.bt')).toContain('2');
    const values = place.csv('results', `edited-${sweepId('edited')}`, 'aggregations.csv');
    expect(values.map(({ value }) => value)).toEqual(['1', '1', '1']);
    const [script] = place.query<{ text: string }>(
      `SELECT text FROM sweep_script WHERE sweep_id = ${sweepId('edited')}`,
    );
    expect(script?.text).toBe('BEGIN { @version = 1; }\n');
  });

  it('has a name different from that of another script with the same file name', async () => {
    cpSync(place.path('good.bt'), place.path('sub', 'good.bt'));
    expect((await place.run('run', specWith('two', '[good.bt, sub/good.bt]'))).code).toBe(0);
    const rows = place.csv('results', `two-${sweepId('two')}`, 'events.csv');
    expect(new Set(rows.map(({ script }) => script))).toEqual(new Set(['good.bt', 'sub/good.bt']));
    expect((await place.run('replay', 'two')).code).toBe(0);
  });

  it('is suspect when a map of its own is full', async () => {
    place.write(
      'full.bt',
      'interval:ms:1 { $n = 0; while ($n < 200) { @keys[nsecs, $n] = count(); $n = $n + 1; } }\n',
    );
    const spec = specWith('full', '[full.bt]', 1, benchmark('waits', 'sleep 1.5'));
    expect((await place.run('run', spec)).code).toBe(1);
    expect(runsOf('full')[0]?.reason).toContain('script-map-full');
  });
});

const sweepId = (name: string) =>
  place.query<{ id: number }>(`SELECT id FROM sweep WHERE name = '${name}'`)[0]?.id;

/** Scripts that come with bpftrace, have BEGIN blocks, and need tracepoints or uprobes alone. */
const TOOLS = ['bashreadline', 'bitesize', 'cpuwalk', 'execsnoop', 'killsnoop', 'naptime']
  .concat(['opensnoop', 'pidpersec', 'setuids', 'statsnoop', 'syncsnoop', 'syscount', 'writeback'])
  .map((name) => `/usr/sbin/${name}.bt`)
  .filter((path) => existsSync(path));

describe.skipIf(missing !== undefined || TOOLS.length === 0)('the tools of bpftrace', () => {
  let here: LocalHost;
  beforeAll(async () => {
    here = await localHost();
  });
  afterAll(() => here.close());

  it.each(TOOLS)('%s can be attached unchanged, prints, and ends without a doubt', async (path) => {
    const [script] = await prepareScripts(here.host, readScriptFiles([path]));
    const attached = await attachScript(script!, here.host);
    spawnSync('cat', ['/etc/passwd']);
    await attached.confirm();
    const { output, doubts } = await attached.finish();
    expect(doubts.filter(({ suspect }) => suspect)).toEqual([]);
    const has = (text: string) => new RegExp(`^${text}\\b`, 'm').test(readFileSync(path, 'utf8'));
    if (has('BEGIN')) expect(output.events.length).toBeGreaterThan(0);
    expect(output.unread).toEqual([]);
  });
});
