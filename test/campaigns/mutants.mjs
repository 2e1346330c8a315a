// Changes the code in small ways, one at a time (`<` becomes `<=`, a condition `true`, a block empty),
// and runs the tests of the room that reach the change: a mutant that none of them notices has
// survived. Prints how many there were in each room, the score, and of each survivor where it is and
// what was changed. Those that change nothing that anybody can see are listed in
// equivalent-mutants.json, with the reason.
// Stryker does the work; it is installed into a copy of the project, not into the project.
// Usage: npm run build && npm run test:mutants -- [ROOM ...] [--windows 40 [--seed 1]] [--report FILE]
// ROOM: analyse, plan, trace, store. With --windows, only so many stretches of ten lines are changed,
// chosen at random: all of them take hours. --report keeps what Stryker found, mutant by mutant, as
// JSON.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { printTable } from '../../bench/print-table.mjs';
import { copyProject, must, ROOT, temporaryFolder } from './project-copy.mjs';

const STRYKER = ['@stryker-mutator/core@9', '@stryker-mutator/vitest-runner@9'];
/**
 * The rooms whose mistakes would be wrong numbers: their sources, as git names files, and the folders
 * of tests that have to notice.
 */
const ROOMS = {
  analyse: { sources: ['src/analyse/*.ts'], tests: ['analyse', 'results'] },
  plan: { sources: ['src/plan/*.ts'], tests: ['plan'] },
  trace: {
    sources: [
      'src/trace/check*.ts',
      'src/trace/session/*.ts',
      'src/trace/*/*lines.ts',
      'src/instruments/*.ts',
    ],
    tests: ['trace', 'instruments'],
  },
  store: {
    sources: ['src/store/*writer.ts', 'src/store/merge/*.ts', 'src/store/active-time.ts'],
    tests: ['store'],
  },
};
const WINDOW_LINES = 10;
const SURVIVED = ['Survived', 'NoCoverage'];

const { values, positionals } = parseArgs({
  options: {
    windows: { type: 'string' },
    seed: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '2' },
    report: { type: 'string' },
  },
  allowPositionals: true,
});
const rooms = positionals.length > 0 ? positionals : Object.keys(ROOMS);
for (const room of rooms) {
  if (!(room in ROOMS)) throw new Error(`no room ${room}: ${Object.keys(ROOMS).join(', ')}`);
}

const folder = temporaryFolder('mutants');

function filesOf(patterns) {
  const listed = must('git', ['ls-files', '-z', '--', ...patterns], { cwd: ROOT });
  return listed.split('\0').filter((path) => path.endsWith('.ts'));
}

/** Whole files, or stretches of them as Stryker names those. */
function chosenFrom(files) {
  if (values.windows === undefined) return files;
  const windows = files.flatMap((file) => {
    const lines = readFileSync(ROOT + file, 'utf8').split('\n').length;
    return Array.from({ length: Math.ceil(lines / WINDOW_LINES) }, (_, at) => {
      const first = at * WINDOW_LINES + 1;
      return `${file}:${first}-${first + WINDOW_LINES - 1}`;
    });
  });
  const generator = xoroshiro128plus(Number(values.seed));
  const draw = (limit) => (generator.next() >>> 0) % limit;
  const drawn = [];
  while (drawn.length < Number(values.windows) && windows.length > 0) {
    drawn.push(...windows.splice(draw(windows.length), 1));
  }
  return drawn;
}

function settings(mutate) {
  return {
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.mutants.config.ts' },
    mutate,
    // Texts are for people, and tests look at the words that matter.
    mutator: { excludedMutations: ['StringLiteral'] },
    // What is computed once when a module is loaded can't be changed for one test.
    ignoreStatic: true,
    concurrency: Number(values.concurrency),
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: 'mutants.json' },
    allowEmpty: true,
  };
}

/** The rooms' tests, without those that start other programs for what is not changed here. */
const VITEST = `import config from './test/vitest.config.ts';

const { test } = config({ mode: 'test', command: 'serve' }).test.projects[0];
const include = ${JSON.stringify(rooms.flatMap((room) => ROOMS[room].tests.map((folder) => `test/${folder}/**/*.test.ts`)))};
const exclude = [...test.exclude, 'test/**/{c-program,recognise,writer-lock}.test.ts'];
export default { test: { ...test, root: '.', include, exclude } };
`;

const equivalent = JSON.parse(
  readFileSync(new URL('equivalent-mutants.json', import.meta.url), 'utf8'),
);
/** Stryker prints code in its own way. */
const plain = (code) => code.replace(/[\s()]/g, '');
const isEquivalent = (file, { mutator, changed, to }) =>
  equivalent.some(
    (one) =>
      one.file === file &&
      one.mutator === mutator &&
      plain(one.changed) === plain(changed) &&
      plain(one.to) === plain(to),
  );

copyProject(folder);
cpSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), {
  ...{ recursive: true, verbatimSymlinks: true },
});
const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
must('npm', [...install, ...STRYKER], { cwd: folder });
writeFileSync(join(folder, 'vitest.mutants.config.ts'), VITEST);
const files = new Map(
  rooms.flatMap((room) => filesOf(ROOMS[room].sources).map((file) => [file, room])),
);
writeFileSync(
  join(folder, 'stryker.config.json'),
  JSON.stringify(settings(chosenFrom([...files.keys()]))),
);
const { status } = spawnSync('npx', ['--no-install', 'stryker', 'run', 'stryker.config.json'], {
  ...{ cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] },
});
if (status !== 0) throw new Error(`Stryker ended with ${status}`);

const reported = join(folder, 'mutants.json');
if (values.report !== undefined) copyFileSync(reported, values.report);
const report = JSON.parse(readFileSync(reported, 'utf8'));
const found = new Map(
  rooms.map((room) => [room, { mutants: 0, killed: 0, equivalent: 0, survived: 0 }]),
);
const survivors = [];
for (const [file, { source, mutants }] of Object.entries(report.files)) {
  const count = found.get(files.get(file) ?? '');
  if (!count) throw new Error(`${file} is in none of the rooms`);
  const lines = source.split('\n');
  for (const { status: end, location, mutatorName: mutator, replacement: to } of mutants) {
    if (!['Killed', 'Timeout', ...SURVIVED].includes(end)) continue;
    const { start, end: until } = location;
    const changed = lines
      .slice(start.line - 1, until.line)
      .map((line, at, all) =>
        line.slice(
          at === 0 ? start.column - 1 : 0,
          at === all.length - 1 ? until.column - 1 : undefined,
        ),
      )
      .join('\n');
    count.mutants++;
    if (!SURVIVED.includes(end)) count.killed++;
    else if (isEquivalent(file, { mutator, changed, to })) count.equivalent++;
    else {
      count.survived++;
      survivors.push({ place: `${file}:${start.line}:${start.column}`, mutator, changed, to, end });
    }
  }
}
for (const { place, mutator, changed, to, end } of survivors) {
  const short = (text) => text.replace(/\s+/g, ' ').slice(0, 100);
  console.log(
    `${place} ${mutator}${end === 'NoCoverage' ? ' (no test)' : ''}: ${short(changed)} -> ${short(to)}`,
  );
}
printTable([
  ['room', 'mutants', 'killed', 'equivalent', 'survived', 'score'],
  ...[...found].map(([room, { mutants, killed, equivalent: same, survived }]) => [
    ...[room, mutants, killed, same, survived].map(String),
    mutants === same ? '-' : `${((100 * killed) / (mutants - same)).toFixed(1)} %`,
  ]),
]);
