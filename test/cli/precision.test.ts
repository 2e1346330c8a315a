import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

const spec = (more: string) =>
  place.spec(
    'refined',
    'wavers',
    `matrix: { buffer_size: [512, 1KiB, 2KiB], total_size: 4KiB }\n${more}`,
  );
const runsOf = (buffer: number) =>
  place.query<{ trial: number }>(
    `SELECT trial FROM run_overview WHERE buffer_bytes = ${buffer} ORDER BY run_id`,
  ).length;
const summary = () =>
  place.csv('results/refined-1', 'summary.csv').map((row) => ({
    buffer: row.buffer_bytes,
    n: row.n,
    precision: row.precision,
  }));

describe('a sweep whose trials go on until a precision', () => {
  it('gives a cell no more trials than it needs, and says which cells hit the cap', async () => {
    const name = spec('trials: { min: 5, max: 20, until: { relative_ci: 2% } }');
    const { code, stdout, stderr } = await place.run('run', name);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('at least 15 runs of 3 cells, untraced');
    const [steady, settling, wild] = summary();
    expect(steady).toEqual({ buffer: '512', n: '5', precision: 'reached' });
    // Its pilot calls for more than are allowed; these are enough.
    expect(settling).toEqual({ buffer: '1024', n: '20', precision: 'reached' });
    expect(wild).toEqual({ buffer: '2048', n: '20', precision: 'cap' });
    expect(stdout).toContain('1 cell is less precise than ±2% (1 after all 20 trials)');
    expect(stdout).toContain('the 95% intervals are nominal');
    const nominal = place
      .csv('results/refined-1', 'summary.csv')
      .map((row) => row.interval_nominal);
    expect(nominal).toEqual(['true', 'true', 'true']);
    const status = JSON.parse((await place.run('status', '--json')).stdout);
    const all = 5 + 20 + 20;
    expect(status.sweeps[0]).toMatchObject({ state: 'ended', planned_runs: all, done_runs: all });
  });

  it('gives a cell as many trials as its pilot calls for, and says when they were not enough', async () => {
    const { code, stdout } = await place.run(
      'run',
      spec('trials: { min: 5, max: 100, until: { relative_ci: 32% } }'),
    );
    expect(code).toBe(0);
    const [steady, settling, wild] = summary();
    expect(steady?.n).toBe('5');
    // 5 values alternate between 1 and 1/2: 5 (1.1 * 0.607 / 0.32)^2.
    expect(settling).toEqual({ buffer: '1024', n: '22', precision: 'reached' });
    // 22 values, half of them 1: their interval is +-33 %; 22 (1.1 * 0.438 / 0.32)^2 are called for then.
    expect(Number(wild?.n)).toBeGreaterThan(22);
    expect(Number(wild?.n)).toBeLessThan(100);
    expect(wild?.precision).toBe('missed');
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '1 cell is less precise than ±32% (1 after the trials that their values called for)',
    );
  });

  it('says nothing of intervals before a cell has one', async () => {
    const name = spec('trials: { min: 5, max: 20, until: { relative_ci: 2% } }\nmax_failures: 2');
    const failing = place
      .read('programs', 'wavers')
      .replace('ms=$((', '[ "$run" -ge 3 ] && exit 74\nms=$((');
    place.write('programs/wavers', failing);
    const { stdout } = await place.run('run', name);
    expect(place.query("SELECT id FROM run WHERE state = 'completed'").length).toBeGreaterThan(2);
    const status = (await place.run('status', 'refined')).stdout;
    for (const said of [stdout, status]) expect(said).not.toMatch(/nominal|less precise/);
  });

  it('needs nothing more when it is run again, and goes on when more precision is asked for', async () => {
    const wide = spec('trials: { min: 5, max: 20, until: { relative_ci: 60% } }');
    expect((await place.run('run', wide)).code).toBe(0);
    expect([512, 1024, 2048].map(runsOf)).toEqual([5, 11, 11]);
    expect((await place.run('run', wide)).stderr).toContain(
      'sweep refined-1 is complete (27 runs)',
    );
    expect(place.query('SELECT id FROM run')).toHaveLength(27);
    const narrow = spec('trials: { min: 5, max: 14, until: { relative_ci: 1% } }');
    const { code, stderr } = await place.run('run', narrow);
    expect(code).toBe(0);
    expect(stderr).toContain('continuing sweep refined-1: 27 of 27 runs are done');
    expect([512, 1024, 2048].map(runsOf)).toEqual([5, 14, 14]);
  });

  it('makes the same runs when it is interrupted and continued', async () => {
    const more = 'trials: { min: 5, max: 12, until: { relative_ci: 2% } }';
    expect((await place.run('run', spec(more))).code).toBe(0);
    const runs = () =>
      place.query('SELECT cell, trial, ordinal FROM run_overview ORDER BY sweep_id, run_id');
    const whole = runs();
    place.remove();
    place = new Workplace();
    const started = place.start(['run', spec(more)]);
    await started.says('runs of 3 cells');
    await place.until(() => {
      try {
        return place.query('SELECT id FROM run').length >= 18;
      } catch {
        return false;
      }
    });
    started.process.kill('SIGKILL');
    await started.ended;
    expect((await place.run('run', 'refined.yaml')).code).toBe(0);
    expect(runs()).toEqual(whole);
  });

  it('ends when its budget is used up, says so, and goes on with a larger one', async () => {
    place.write('programs/answers.delay', '0.5');
    const budget = (text: string) =>
      place.spec(
        'timed',
        'answers',
        `matrix: { buffer_size: [512, 1KiB], total_size: 4KiB }\ntrials: 6\nbudget: ${text}`,
      );
    let made = 0;
    // A busy machine may need the whole of a small one before the first run.
    for (let seconds = 1; made === 0; seconds *= 2) {
      const { code, stderr } = await place.run('run', budget(`${seconds}s`));
      expect(code).toBe(1);
      expect(stderr).toContain(
        `the budget of ${seconds}.0 s is used up; a larger one in the spec goes on`,
      );
      made = place.query('SELECT id FROM run').length;
    }
    expect(made).toBeLessThan(12);
    // Time in which no run is stored does not count: at most the rest of the last second is left.
    expect((await place.run('run', 'timed.yaml')).code).toBe(1);
    expect(place.query('SELECT id FROM run').length).toBeLessThanOrEqual(made + 2);
    place.write('programs/answers.delay', '0');
    expect((await place.run('run', budget('1h'))).code).toBe(0);
    expect(place.query('SELECT id FROM run')).toHaveLength(12);
  });

  it('reports a used-up budget with the same exit code before and after the least number of trials', async () => {
    const budget = (text: string) =>
      place.spec(
        'timed',
        'wavers',
        `matrix: { buffer_size: 2KiB, total_size: 4KiB }\ntrials: { min: 5, max: 2000, until: { relative_ci: 1% } }\nbudget: ${text}`,
      );
    // However slow this machine is, in the end the least number of trials is made.
    for (let [seconds, made] = [2, 0]; made <= 5; seconds *= 2) {
      const { code, stderr } = await place.run('run', budget(`${seconds}s`));
      expect(stderr).toContain('is used up');
      expect(code).toBe(1);
      made = place.query('SELECT id FROM run').length;
    }
    const { sweeps } = JSON.parse((await place.run('status', '--json')).stdout);
    expect(sweeps[0].state).toBe('stopped');
    expect((await place.run('run', 'timed.yaml')).code).toBe(1);
  });

  it('is not complete when only its failed runs have been repeated', async () => {
    const more = 'trials: { min: 5, max: 8, until: { relative_ci: 1% } }';
    expect((await place.run('run', spec('trials: 5'))).code).toBe(0);
    const { code, stderr } = await place.run('run', spec(more), '--only-failed');
    expect(stderr).toContain('no run has failed');
    const { sweeps } = JSON.parse((await place.run('status', '--json')).stdout);
    expect({ code, state: sweeps[0].state }).toEqual({ code: 1, state: 'stopped' });
    expect((await place.run('run', 'refined.yaml')).code).toBe(0);
  });

  it('calls a cell capped when all its trials are made, though some have failed', async () => {
    const refusing = place
      .read('programs', 'wavers')
      .replace('ms=$((', '[ "$run" -eq 6 ] && exit 74\nms=$((');
    place.write('programs/wavers', refusing);
    const { code } = await place.run(
      'run',
      spec('trials: { min: 5, max: 8, until: { relative_ci: 1% } }'),
    );
    expect(code).toBe(1);
    expect(summary()[2]).toEqual({ buffer: '2048', n: '7', precision: 'cap' });
  });
});
