import { copyFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from '../cli/workplace.ts';
import { untraceable } from './required.ts';

const why = untraceable();
const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

describe.skipIf(why)('a traced run with hooks that make the same calls as the benchmark', () => {
  it('counts its own calls, and none of the hooks’ calls', async () => {
    const plain =
      'name: plain\nbenchmark: { bare: true }\nmatrix: { buffer_size: 4KiB, total_size: 256KiB }\n';
    place.write('plain.yaml', `${plain}trace: { tracer: bpftrace }\ntrials: 2\n`);
    // Builds the benchmark, and says where it is.
    const { commands } = JSON.parse((await place.run('plan', '--json', 'plain.yaml')).stdout);
    copyFileSync(commands[0][0], place.path('another'));
    const same = `./another -j -B -i pipe -b 512 -t 65536 2proc`;
    const { code, stderr } = await place.run(
      ...['run', 'plain.yaml', `--prepare=${same}`, `--conclude=${same}`],
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(
      place.query(
        `SELECT DISTINCT state, role, syscall, count FROM run_overview JOIN syscall_count USING (run_id)
         WHERE (role = 'sender' AND syscall = 'write') OR (role = 'receiver' AND syscall = 'read')
         ORDER BY syscall`,
      ),
    ).toEqual([
      // The last read finds the end of the pipe.
      { state: 'completed', role: 'receiver', syscall: 'read', count: 65 },
      { state: 'completed', role: 'sender', syscall: 'write', count: 64 },
    ]);
    expect(place.query('SELECT DISTINCT exit_code FROM hook_call WHERE run_id > 0')).toEqual([
      { exit_code: 0 },
    ]);
  });

  it('is refused where a hook has the name of the benchmark', async () => {
    const { code, stderr } = await place.run(
      ...['run', 'plain.yaml', '--prepare=./bin/ipc-benchmark describe'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('prepare starts ipc-benchmark, which the tracer would take for a run');
  });
});
