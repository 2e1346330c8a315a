import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

const spec = (...lines: string[]) =>
  place.spec(
    'expects',
    'answers',
    [
      'matrix: { buffer_size: [512, 1KiB], total_size: 4KiB }',
      'trials: 5',
      'expect:',
      ...lines.map((line) => `  - ${line}`),
    ].join('\n'),
  );

describe('an expectation in a spec', () => {
  it('is judged at the end, shown, written, and decides the exit code', async () => {
    const name = spec('runs.completed == 5', 'bandwidth.median > 1GiB/s when buffer_size > 512');
    const { code, stdout } = await place.run('run', name);
    expect(code).toBe(1);
    expect(stdout).toContain(
      '\nok  runs.completed == 5\n' +
        'not bandwidth.median > 1GiB/s when buffer_size > 512 (1 of 1 cells)\n' +
        '      pipe 2proc 1 KiB of 4 KiB: 0.003815GiB/s\n',
    );
    expect(place.csv('results/expects-1', 'expectations.csv')).toEqual([
      expect.objectContaining({ expectation: 'runs.completed == 5', fulfilled: 'true', cell: '' }),
      expect.objectContaining({ fulfilled: 'false', buffer_bytes: '1024', found: '0.003815GiB/s' }),
    ]);
    expect((await place.run('status', 'expects')).stdout).toContain(
      'not bandwidth.median > 1GiB/s',
    );
  });

  it('can be changed afterwards: no run is repeated, and the stored runs are judged anew', async () => {
    expect((await place.run('run', spec('runs.completed == 4'))).code).toBe(1);
    const { code, stderr } = await place.run('run', spec('runs.completed == 5'));
    expect(code).toBe(0);
    expect(stderr).toContain('sweep expects-1 is complete (10 runs)');
    expect(place.csv('results/expects-1', 'expectations.csv')).toHaveLength(1);
  });

  it('counts runs and not attempts: a run that completed when it was repeated has not failed', async () => {
    const answering = place.read('programs', 'answers');
    place.write(
      'programs/answers',
      answering.replace('total=', '[ -f "$0.log" ] && exit 74\ntotal='),
    );
    place.write('programs/answers.log', '');
    const name = spec('runs.failed == 0', 'runs.completed == 5');
    const broken = await place.run('run', name);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain('not runs.failed == 0 (2 of 2 cells)');
    rmSync(place.path('programs/answers.log'));
    const { code, stdout } = await place.run('run', name, '--only-failed');
    expect(stdout).toContain('ok  runs.failed == 0\nok  runs.completed == 5\n');
    expect(stdout).toContain('10 completed; sweep expects-1');
    expect(code).toBe(0);
    const [row] = place.csv('results/expects-1', 'summary.csv');
    expect(row).toMatchObject({ n: '5', runs_completed: '5', runs_failed: '0' });
  });

  it('is refused before anything runs when no kernel has the state that it names', async () => {
    const name = spec('pipe_states.read has no DIRECTWW');
    for (const command of ['validate', 'run']) {
      const { code, stderr } = await place.run(command, name);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /:\d+:29: expect\[0\]: expected DIRECTW instead of DIRECTWW, which is no pipe state/,
      );
    }
  });
});
