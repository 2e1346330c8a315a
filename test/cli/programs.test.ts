import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSelector } from '../../src/cli/selector.ts';
import { Boards } from './boards.ts';
import { Workplace } from './workplace.ts';

let place: Workplace;

/** Answers in so many microseconds, and in as many more as its last runs were many. */
const program = (us: number) => `#!/bin/sh
case " $* " in *' describe '*) echo '{ }' && exit 0 ;; esac
while getopts 'jBgvsi:b:t:n:' option; do
  case $option in t) total=$OPTARG ;; *) ;; esac
done
echo >>"$0.runs"
us=$((${us} + $(wc -l <"$0.runs") % 7))
# No run claims more time than it has taken.
sleep 0.02
awk -v total="$total" -v us="$us" 'BEGIN {
  printf "{ \\"benchmark_samples\\": [ { \\"bandwidth\\": %.2f, \\"time\\": \\"0.%06d000\\" } ] }\\n",
    total / 1024 / (us / 1e6), us
}'
`;

function spec(name: string, programs: string, more = 'trials: 11'): string {
  return place.write(
    `${name}.yaml`,
    [
      `name: ${name}`,
      `benchmark: { programs: { ${programs} }, bare: true }`,
      'trace: { tracer: none }',
      'matrix: { buffer_size: [512, 1KiB], total_size: 1MiB }',
      more,
      '',
    ].join('\n'),
  );
}

beforeAll(async () => {
  place = new Workplace();
  for (const [name, us] of [
    ['answers-fast', 1000],
    ['answers-slow', 1500],
    ['answers-third', 1001],
  ] as const) {
    place.write(`programs/${name}`, program(us));
  }
  for (const name of ['fast', 'slow', 'third'])
    chmodSync(place.path(`programs/answers-${name}`), 0o755);
  const ended = await place.run(
    'run',
    spec('builds', 'base: programs/answers-fast, new: programs/answers-slow'),
  );
  expect(ended).toMatchObject({ code: 0 });
});
afterAll(() => place.remove());

const json = async (...words: string[]) => {
  const { code, stdout, stderr } = await place.run('compare', ...words, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('a sweep of two programs', () => {
  it('runs each of them in every cell, and all of a cell and trial in one block', () => {
    const runs = place.query<{ program: string; ordinal: number; trial: number }>(
      `SELECT program, ordinal, trial FROM run_overview WHERE sweep = 'builds' ORDER BY ordinal`,
    );
    expect(runs).toHaveLength(2 * 2 * 11);
    for (let block = 0; block < 11; block++) {
      const own = runs.slice(4 * block, 4 * block + 4);
      expect(new Set(own.map(({ trial }) => trial))).toEqual(new Set([block + 1]));
      expect(own.map(({ program: by }) => by).sort()).toEqual(['base', 'base', 'new', 'new']);
    }
    const orders = runs
      .map(({ program: by }) => by)
      .join(' ')
      .match(/(?:\w+ ?){4}/g);
    expect(new Set(orders).size).toBeGreaterThan(2);
  });

  it('stores what each program is, and tells them apart in tables and in status', async () => {
    expect(place.query('SELECT host, name, position, path FROM sweep_program')).toEqual([
      { host: 'local', name: 'base', position: 1, path: place.path('programs/answers-fast') },
      { host: 'local', name: 'new', position: 2, path: place.path('programs/answers-slow') },
    ]);
    expect(
      place
        .csv('results/builds-1/summary.csv')
        .map(({ program: by, buffer_bytes: bytes }) => [by, bytes]),
    ).toEqual([
      ['base', '512'],
      ['new', '512'],
      ['base', '1024'],
      ['new', '1024'],
    ]);
    const { stdout } = await place.run('status', 'builds');
    expect(stdout).toMatch(/program +buffer/);
    expect(stdout).toMatch(/base +512 B[\s\S]*new +512 B/);
  });

  it('is compared by default: the second program with the first, in pairs', async () => {
    const { base, sides, cells, warnings } = await json('builds');
    const [a, b] = [base, sides[0]];
    expect([a.selector, b.selector]).toEqual(['builds:program=base', 'builds:program=new']);
    expect(cells.map((cell: { b: object }) => cell.b)).toMatchObject([
      { program: 'new', buffer_bytes: 512 },
      { program: 'new', buffer_bytes: 1024 },
    ]);
    for (const cell of cells) {
      expect(cell).toMatchObject({ verdict: 'slower', method: 'paired', pairs: 11 });
      expect(cell.ratio).toBeGreaterThan(0.65);
      expect(cell.ratio).toBeLessThan(0.68);
    }
    const codes = warnings.map(({ code }: { code: string }) => code);
    expect(codes).not.toContain('benchmark');
    expect(codes).not.toContain('not-interleaved');
    const back = await json(a.selector, b.selector);
    expect(back).toMatchObject({ base, sides, cells });
    const onHost = await json('builds:host=local');
    expect(onHost.sides[0].selector).toBe('builds:program=new,host=local');
    expect(await json(onHost.base.selector, onHost.sides[0].selector)).toMatchObject({
      sides: onHost.sides,
    });
    const narrowed = await json('builds:buffer_size=512');
    expect(narrowed.cells).toHaveLength(1);
    const turned = await json('builds:program=new', 'builds:program=base');
    expect(turned.cells).toMatchObject([{ verdict: 'faster' }, { verdict: 'faster' }]);
  });

  it('goes on while its programs are unchanged, and begins anew when one of them changes', async () => {
    const more = spec(
      'builds',
      'base: programs/answers-fast, new: programs/answers-slow',
      'trials: 12',
    );
    expect((await place.run('run', more)).stderr).toContain('builds-1');
    const states = () =>
      place.query(
        "SELECT sweep.id, count(*) AS runs FROM sweep JOIN cell ON sweep_id = sweep.id JOIN run ON cell_id = cell.id WHERE name = 'builds' GROUP BY sweep.id",
      );
    expect(states()).toEqual([{ id: 1, runs: 48 }]);
    place.write('programs/answers-slow', `${program(1500)}# built anew\n`);
    const anew = await place.run('run', more);
    expect(anew).toMatchObject({ code: 0 });
    expect(states()).toMatchObject([{ id: 1, runs: 48 }, { runs: 48 }]);
  });
});

it('each of several programs is compared with the first of the spec', async () => {
  const three =
    'third: programs/answers-third, base: programs/answers-fast, new: programs/answers-slow';
  expect(await place.run('run', spec('three', three))).toMatchObject({ code: 0 });
  const { base, sides, cells } = await json('three:buffer_size=512');
  expect(base.selector).toBe('three:buffer_size=512,program=third');
  expect(base.programs).toEqual(['third']);
  expect(sides).toMatchObject([
    { side: 'B', selector: 'three:buffer_size=512,program=base', programs: ['base'] },
    { side: 'C', selector: 'three:buffer_size=512,program=new', programs: ['new'] },
  ]);
  const { stdout } = await place.run('compare', 'three:buffer_size=512');
  expect(stdout).toContain('C: three:buffer_size=512,program=new (sweep three-');
  expect(
    cells.map((cell: { b: { program: string }; verdict: string }) => [
      cell.b.program,
      cell.verdict,
    ]),
  ).toEqual([
    ['base', 'inconclusive'],
    ['new', 'slower'],
  ]);
});

it('a comparison says when two names mean the same program', async () => {
  const same = 'base: programs/answers-fast, again: programs/answers-fast';
  expect(await place.run('run', spec('same', same, 'trials: 6'))).toMatchObject({ code: 0 });
  const { warnings } = await json('same');
  expect(warnings).toContainEqual({
    code: 'same-program',
    message: expect.stringMatching(/^base and again are the same program \(SHA-256 [0-9a-f]{12}\)/),
  });
});

it('a program without a name is called “unnamed” beside a program with one', async () => {
  const matrix = 'matrix: { buffer_size: [512, 1KiB], total_size: 1MiB }\ntrials: 6';
  const alone = place.spec('alone', 'answers-fast', matrix);
  expect(await place.run('run', alone)).toMatchObject({ code: 0 });
  for (const [a, b, names, same] of [
    ['alone', 'builds:program=base', '(unnamed) / base', 'the unnamed program of A and base'],
    ['builds:program=base', 'alone', 'base / (unnamed)', 'base and the unnamed program of B'],
  ] as const) {
    const { stdout, stderr } = await place.run('compare', a, b);
    expect(stdout).toContain(`pipe 2proc 512 B of 1 MiB by ${names} `);
    expect(stderr).toContain(`warning: ${same} are the same program (SHA-256 `);
  }
});

it('a missing program is named by its key before the first run', async () => {
  const { code, stderr } = await place.run(
    'run',
    spec('gone', 'base: programs/answers-fast, new: ./gone'),
  );
  expect(code).toBe(3);
  expect(stderr).toContain('does not exist');
  expect(stderr).toContain('set benchmark.programs.new to the path');
  expect(place.query("SELECT * FROM sweep WHERE name = 'gone'")).toEqual([]);
});

it('plan lists the program of each cell and calls each by its own path', async () => {
  const { stdout } = await place.run('plan', 'three.yaml', '--json');
  const { cells, commands } = JSON.parse(stdout);
  expect(cells.slice(0, 3).map((cell: { program: string }) => cell.program)).toEqual([
    ...['third', 'base', 'new'],
  ]);
  expect(commands.slice(0, 3).map(([path]: string[]) => path)).toEqual([
    ...['third', 'fast', 'slow'].map((name) => place.path(`programs/answers-${name}`)),
  ]);
  expect((await place.run('plan', 'three.yaml')).stdout).toMatch(/cell +program +ipc/);
});

it('a program is named in a selector as the spec names it', () => {
  expect([...parseSelector('x-1:program=new,ipc=pipe').cells]).toEqual([
    ['program', 'new'],
    ['ipc', 'pipe'],
  ]);
  expect(() => parseSelector('program=1new')).toThrow('is not the name of a program');
});

describe('several programs on several hosts', () => {
  const hosts = 'hosts: [board-1, board-2]\ntrials: 5';
  const programs = 'base: programs/answers-fast, new: programs/answers-third';
  let boards: Boards;
  beforeAll(async () => {
    boards = new Boards(place);
    const ended = await boards.run('run', spec('boards', programs, hosts));
    expect(ended).toMatchObject({ code: 0 });
  });

  it('all run on the same host for each cell, and are compared there', async () => {
    const runs = place.csv(`results/boards-${sweepId()}/runs.csv`);
    expect(runs).toHaveLength(20);
    const hostsOf = (bytes: string) => [
      ...new Set(runs.filter((run) => run.buffer_bytes === bytes).map((run) => run.host)),
    ];
    expect([...hostsOf('512'), ...hostsOf('1024')].sort()).toEqual(['board-1', 'board-2']);
    expect(
      place.query(`SELECT DISTINCT host, name FROM sweep_program WHERE sweep_id = ${sweepId()}`),
    ).toHaveLength(4);
    const { cells } = await json('boards');
    expect(cells).toMatchObject([{ interleaved: true }, { interleaved: true }]);
  });

  it('must be the same as before when the sweep goes on, and not only have the same names', async () => {
    place.write('programs/answers-third', `${program(1001)}# built anew\n`);
    const { code, stderr } = await boards.run(
      'run',
      spec('boards', programs, hosts.replace('5', '6')),
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('the benchmark new on board-1 is not the one with which');
  });

  function sweepId(): number {
    return place.query<{ id: number }>("SELECT id FROM sweep WHERE name = 'boards'")[0]!.id;
  }
});
