import { chmodSync, cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundled } from '../../src/benchmark/bundled.ts';
import { Workplace } from '../cli/workplace.ts';
import { localHost } from '../host/local-host.ts';
import { untraceable } from './required.ts';

const missing = untraceable();
const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

/** Names that no other test's benchmark has. */
const NAME = `rides-${process.pid % 100000}`;
const BETWEEN = `between-${process.pid % 10000}`;
place.write(BETWEEN, '#!/bin/sh\nread -r line < /etc/passwd\n');
chmodSync(place.path(BETWEEN), 0o755);

beforeAll(async () => {
  const { host, close } = await localHost();
  cpSync(await buildBundled(host), place.path(NAME));
  await close();
});

function specWith(name: string, scripts: string, more = ''): string {
  return place.write(
    `${name}.yaml`,
    [
      `name: ${name}`,
      `benchmark: { program: ${NAME}, bare: true }`,
      `trace: { tracer: bpftrace, instruments: [syscalls], scripts: ${scripts}${more} }`,
      'matrix: { buffer_size: 512, total_size: 1KiB }',
      'trials: 3',
      'retry: { suspect: 0 }',
      `conclude: [./${BETWEEN}]\n`,
    ].join('\n'),
  );
}

const rowsOf = (sweep: string) => place.csv('results', sweep, 'aggregations.csv');

describe.skipIf(missing !== undefined)('scripts that ride in the session of bpftrace', () => {
  it('count each run separately, as the instruments do, and nothing between two runs', async () => {
    place.write(
      'calls.bt',
      `BEGIN { printf("hello\\n"); @limit = 3; }
tracepoint:raw_syscalls:sys_enter /comm == "${NAME}"/ { @calls[args->id] = count(); }
tracepoint:raw_syscalls:sys_enter /comm == "${BETWEEN}"/ { @between = count(); }
END { printf("%d of them\\n", @limit); clear(@limit); }\n`,
    );
    place.write(
      'switches.bt',
      `tracepoint:sched:sched_switch /comm == "${NAME}"/ { @calls[comm] = count(); }\n`,
    );
    const run = await place.run('run', specWith('rides', '[calls.bt, switches.bt]'));
    expect(run.stderr).not.toContain('attached anew');
    const states = place.query<{ state: string; reason: string | null }>(
      'SELECT state, reason FROM run_overview',
    );
    expect(states).toEqual(Array(3).fill({ state: 'completed', reason: null }));
    const counted = place.query<{ run_id: number; calls: number }>(
      'SELECT run_id, sum(count) AS calls FROM syscall_count GROUP BY run_id',
    );
    const rows = rowsOf('rides-1');
    for (const { run_id, calls } of counted) {
      const own = rows.filter((row) => row.run_id === String(run_id) && row.script === 'calls.bt');
      const sum = own
        .filter(({ name }) => name === 'calls')
        .reduce((total, { value }) => total + Number(value), 0);
      expect(sum).toBe(calls);
      expect(own.filter(({ name }) => name === 'between').map(({ value }) => value)).toEqual(['0']);
    }
    expect(counted).toHaveLength(3);
    const switches = rows.filter(({ script }) => script === 'switches.bt');
    expect(switches.map(({ name, key_1 }) => `${name} ${key_1}`)).toEqual(
      Array(3).fill(`calls ${NAME.slice(0, 15)}`),
    );
    const texts = place.csv('results', 'rides-1', 'events.csv');
    expect(texts.map(({ probe, text }) => `${probe}: ${text}`)).toEqual(
      Array(3).fill(['BEGIN: hello', 'END: 3 of them']).flat(),
    );
    expect(place.query('SELECT attached, attached_because FROM sweep_script')).toEqual(
      Array(2).fill({ attached: 'session', attached_because: '' }),
    );
    const replayed = await place.run('replay', 'rides');
    expect([replayed.code, rowsOf('rides-1')]).toEqual([0, rows]);
  });

  it('are named by their own file, line and names when they do not compile', async () => {
    place.write('good.bt', 'tracepoint:syscalls:sys_enter_read { @n = count(); }\n');
    place.write(
      'wrong.bt',
      '// one\nBEGIN { @a = 1; }\n\ntracepoint:syscalls:sys_enter_read\n{\n\t@a = count();\n}\n',
    );
    const { code, stderr } = await place.run('run', specWith('wrong', '[good.bt, wrong.bt]'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/wrong\.bt:6: ERROR: Type mismatch for @a: /);
    expect(stderr).toContain('\n  @a = count();\n');
    expect(stderr).not.toMatch(/@s\d_|stdin|good\.bt was/);
  });

  it('are attached to every run if they call exit(), and plan and run say why and where', async () => {
    place.write(
      'exits.bt',
      'tracepoint:syscalls:sys_enter_read { @n = count(); }\nEND {\nexit(); }\n',
    );
    const spec = specWith('exits', '[exits.bt, good.bt]');
    const plan = await place.run('plan', spec);
    expect(plan.stdout).toMatch(
      /exits\.bt, attached to every run: line 3: exit\(\) would end the session\n/,
    );
    expect(plan.stdout).toMatch(/good\.bt, part of the tracer's program\n/);
    const run = await place.run('run', spec, '--trials', '1');
    expect(run.stderr).toContain(
      'exits.bt is attached anew to each run: line 3: exit() would end the session',
    );
    expect(
      place.query(
        "SELECT name, attached, attached_because AS why FROM sweep_script WHERE name = 'exits.bt'",
      ),
    ).toEqual([
      { name: 'exits.bt', attached: 'per-run', why: 'line 3: exit() would end the session' },
    ]);
  });
});
