import { cpSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;

/** Answers in as many microseconds as a file beside it says, and a few more, run by run. */
const PROGRAM = `#!/bin/sh
case " $* " in *' describe '*) echo '{ }' && exit 0 ;; esac
while getopts 'jBgvsi:b:t:n:' option; do
  case $option in t) total=$OPTARG ;; *) ;; esac
done
echo >>"$0.runs"
us=$(($(cat "$0.us") + $(wc -l <"$0.runs") % 7))
# No run claims more time than it has taken.
sleep 0.02
awk -v total="$total" -v us="$us" 'BEGIN {
  printf "{ \\"benchmark_samples\\": [ { \\"bandwidth\\": %.2f, \\"time\\": \\"0.%06d000\\" } ] }\\n",
    total / 1024 / (us / 1e6), us
}'
`;

/** Makes the next sweep on a machine whose runs take so long today. */
async function session(name: string, us: number): Promise<void> {
  place.write('programs/answers.us', String(us));
  const spec = place.spec(
    name,
    'answers',
    'matrix: { buffer_size: [512, 1KiB], total_size: 1MiB }\ntrials: 6',
  );
  expect(await place.run('run', spec, '--fresh')).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  place = new Workplace();
  place.write('programs/answers', PROGRAM);
  for (const us of [1000, 1100, 950, 1040]) await session('lab', us);
  await session('alone', 1000);
});
afterAll(() => place.remove());

/** A copy of the database with something changed in it. */
function changed(sql: string): string {
  cpSync(place.path('results/ipc-sweep.db'), place.path('changed.db'));
  const db = new Database(place.path('changed.db'));
  db.exec(sql);
  db.close();
  return 'changed.db';
}
const compare = (...words: string[]) => place.run('compare', ...words);
const json = async (...words: string[]) => {
  const { code, stdout, stderr } = await compare(...words, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('compare --repeat', () => {
  it('says how far sweeps of one experiment differ, of which cells and from which sweeps', async () => {
    const { stdout, code } = await compare('--repeat', 'lab');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^sessions of lab differ by \d+(\.\d)?% \(95% interval \d+(\.\d)?% to \d+(\.\d)?%; 4 sweeps of 2 cells: lab-1, lab-2, lab-3, lab-4\)\n$/,
    );
    const { repeat } = await json('--repeat', 'lab');
    // The standard deviation of the logarithms of 1000, 1100, 950 and 1040.
    expect(repeat.deviation).toBeGreaterThan(0.055);
    expect(repeat.deviation).toBeLessThan(0.068);
    expect(repeat).toMatchObject({ sessions: 4, cells: 2, left_out: [] });
    expect(repeat.floor).toBeGreaterThan(repeat.deviation);
    expect((await json('--repeat', 'lab:buffer_size=512')).repeat.cells).toBe(1);
  });

  it('makes differences inconclusive that are as large as those between any two sweeps', async () => {
    const plain = await json('lab-1', 'lab-2');
    expect(plain.repeat).toBeNull();
    expect(plain.cells).toMatchObject([{ verdict: 'slower' }, { verdict: 'slower' }]);
    const { repeat, cells, warnings } = await json('lab-1', 'lab-2', '--repeat', 'lab');
    expect(cells).toMatchObject([
      { verdict: 'inconclusive', session_floor: repeat.floor },
      { verdict: 'inconclusive', session_floor: repeat.floor },
    ]);
    expect(warnings).toContainEqual({
      code: 'not-interleaved',
      message: expect.stringContaining('is allowed for (--repeat)'),
    });
    const { stdout } = await compare('lab-1', 'lab-2', '--repeat', 'lab');
    expect(stdout).toContain('sessions of lab differ by');
    expect(stdout).toMatch(/intervals and p allow for sessions that differ by \d+(\.\d)?%/);
  });

  it('makes the gate ask for more repeats where their small number, and not the machine, keeps it shut', async () => {
    // Three sweeps that differ by about 1 %, of which a comparison has to allow for twice as much.
    const db = changed(
      `UPDATE sweep SET identity = 'x' WHERE id = 4;
       UPDATE sample SET bandwidth_bytes_per_s = bandwidth_bytes_per_s * (SELECT CASE sweep_id
         WHEN 1 THEN 1.01 WHEN 2 THEN 1.1 ELSE 0.94 END FROM run_overview
         WHERE run_overview.run_id = sample.run_id)`,
    );
    const words = ['lab-1', 'lab-2', '--repeat', 'lab-1', '--fail-if-slower', '5%', '--db', db];
    const { code, stdout } = await compare(...words);
    expect(code).toBe(1);
    expect(stdout).not.toContain('of this machine');
    expect(stdout).toMatch(
      /more trials alone would not help, because so few repeats do not show how far sessions differ: make more repeats \(about \d+ in all, if they agree as well\), or both sides in one sweep\n/,
    );
    const { cells } = JSON.parse((await compare(...words, '--json')).stdout);
    expect(cells[0].gate).toEqual({
      ...{ state: 'undecided', because: 'few repeats', trials: null },
      repeats: expect.any(Number),
    });
    const apart = await compare(
      ...words.map((word) => (word === db ? 'results/ipc-sweep.db' : word)),
    );
    expect(apart.stdout).toContain('sessions of this machine differ too much');
  });

  it('leaves out sweeps that are not complete, or of another kernel, and says why', async () => {
    const db = changed(
      `UPDATE sweep SET state = 'stopped' WHERE id = 3;
       UPDATE environment SET os_release = 'other' WHERE sweep_id = 1`,
    );
    const { stdout } = await compare('--repeat', 'lab', '--db', db);
    expect(stdout).toContain('2 sweeps of 2 cells: lab-2, lab-4');
    expect(stdout).toContain('lab-1 is left out: the kernel differs: other and ');
    expect(stdout).toContain('lab-3 is left out: it is stopped');
  });

  it('says what to type when there are too few sweeps to tell', async () => {
    const one = await compare('--repeat', 'alone');
    expect(one.code).toBe(2);
    expect(one.stderr).toContain('how far sweeps of alone differ takes 2 complete ones');
    expect(one.stderr).toContain('`npx ipc-sweep run SPEC --fresh`');
    const db = changed("UPDATE sweep SET identity = 'x' WHERE id IN (1, 2)");
    const two = await compare('lab-1', 'lab-2', '--repeat', 'lab', '--db', db);
    expect(two.stderr).toContain('takes 3 complete ones on one machine, and there are 2');
    expect((await compare('--repeat', 'lab', '--db', db)).code).toBe(0);
  });

  it('names the machines when the sides were made on another machine than the repeats', async () => {
    const db = changed(
      `INSERT INTO host (id, name) VALUES (99, 'elsewhere');
       UPDATE environment SET host_id = 99 WHERE sweep_id = 5`,
    );
    const { warnings } = await json('alone', 'lab-1', '--repeat', 'lab', '--db', db);
    expect(warnings).toContainEqual({
      code: 'repeat-machine',
      message: expect.stringMatching(/was measured on .*, and .* was made on elsewhere$/),
    });
  });

  it.each([
    [['lab-1:buffer_size=512', 'lab-1:buffer_size=1KiB', '--repeat', 'lab'], 'are from one sweep'],
    [['--repeat', 'lab', '--fail-if-slower', '5%'], '--fail-if-slower needs a comparison'],
    [['--repeat', 'lab', '--out', 'x'], '--out needs a comparison'],
    [['--repeat', 'nosuch'], 'the database holds no sweep nosuch'],
    [[], 'expected two things to compare'],
  ])('is refused in `compare %s`', async (words, said) => {
    const { code, stderr, stdout } = await compare(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(said);
  });
});
