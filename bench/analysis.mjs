// What it costs to look at a large sweep: `status`, `export`, `report` and `compare` of a filled database,
// the most memory that each takes at a tenth of the runs and at all of them, runs.csv against what the
// sqlite3 command line takes for the same rows, and where the time goes.
// What counts is the processor time, which a busy machine changes least; the time by the clock is printed
// beside it.
// Usage: npm run build && npm run bench:analysis -- [--cells 1000] [--runs 100] [--times 3] [--traced]
// --runs: of each cell. --traced: every run has counts of all instruments, about fifty rows.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openForWriting } from '../dist/store/open.js';
import { fillSweep } from './filled-sweep.mjs';
import { printTable } from './print-table.mjs';

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '100' },
    times: { type: 'string', default: '3' },
    traced: { type: 'boolean', default: false },
  },
});
const [cells, runs, times] = [values.cells, values.runs, values.times].map(Number);
/** Seconds for 1,000 cells of 100 runs without counts. */
const GOALS = { status: 1.5, export: 3, report: 6, compare: undefined };
const RATIO_GOAL = 1.5;
const SHOWN_FUNCTIONS = 8;
const main = fileURLToPath(new URL('../bundle/main.js', import.meta.url));
const writesRuns = fileURLToPath(new URL('./write-runs.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-analysis-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Says at the end of a process what it has used. */
const TELL = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs';
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const used = { seconds: (userCPUTime + systemCPUTime) / 1e6, kibibytes: maxRSS };
    writeFileSync(process.env.USED_FILE, JSON.stringify(used));
  });`)}`;

function filled(name, perCell) {
  const results = join(folder, name);
  mkdirSync(results);
  const { db, close } = openForWriting(join(results, 'ipc-sweep.db'));
  const add = fillSweep(db, cells, { traced: values.traced });
  db.transaction(() => {
    for (let at = 0; at < cells * perCell; at++) add();
  })();
  close();
  return results;
}

function wordsOf(command, results) {
  switch (command) {
    case 'export':
      return ['export', '1', '--results', results, '--out', join(results, 'csv')];
    case 'report':
      return ['report', '1', '--results', results, '--out', join(results, 'report.html')];
    case 'compare':
      return ['compare', '@1', '@1', '--results', results];
    default:
      return [command, '1', '--results', results];
  }
}

function used(words) {
  const file = join(folder, 'used.json');
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', TELL, ...words], {
    ...{ env: { ...process.env, USED_FILE: file }, encoding: 'utf8' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const clock = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
  return { clock, ...JSON.parse(readFileSync(file, 'utf8')) };
}

function median(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 1];
}

function medians(words) {
  const all = Array.from({ length: times }, () => used(words));
  const of = (key) => median(all.map((each) => each[key]));
  return { clock: of('clock'), seconds: of('seconds'), kibibytes: of('kibibytes') };
}

/** Functions that take the most time themselves, by their share of it. */
function profile(words) {
  const into = mkdtempSync(join(folder, 'profile-'));
  spawnSync(process.execPath, ['--cpu-prof', '--cpu-prof-dir', into, ...words], {
    stdio: 'ignore',
  });
  const { nodes, samples, timeDeltas } = JSON.parse(
    readFileSync(join(into, readdirSync(into)[0]), 'utf8'),
  );
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.replace(/^.*\/(dist|node_modules)\//, '')}`.trim(),
    ]),
  );
  const sums = new Map();
  samples.forEach((id, at) => {
    const name = names.get(id);
    if (name !== '(idle)') sums.set(name, (sums.get(name) ?? 0) + timeDeltas[at]);
  });
  const total = [...sums.values()].reduce((sum, one) => sum + one, 0);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_FUNCTIONS)
    .map(([name, sum]) => [`  ${name}`, `${((100 * sum) / total).toFixed(0)} %`]);
}

const [few, all] = [filled('few', Math.ceil(runs / 10)), filled('all', runs)];
const atGoal = cells === 1000 && runs === 100 && !values.traced;
const seconds = (value) => `${value.toFixed(2)} s`;
const mebibytes = (value) => `${(value / 1024).toFixed(0)} MiB`;
const rows = Object.entries(GOALS).map(([command, goal]) => {
  const less = used([main, ...wordsOf(command, few)]);
  const { clock, seconds: processor, kibibytes } = medians([main, ...wordsOf(command, all)]);
  return [
    ...[command, seconds(processor), seconds(clock)],
    goal && atGoal ? `${goal} s, ${processor <= goal ? 'kept' : 'missed'}` : '',
    ...[mebibytes(less.kibibytes), mebibytes(kibibytes)],
    (kibibytes / less.kibibytes).toFixed(2),
  ];
});
console.log(
  `${cells} cells of ${runs} runs${values.traced ? ' with counts of all instruments' : ''}, medians of ${times}`,
);
printTable([
  [
    ...['', 'processor time', 'by the clock', 'goal'],
    ...[`memory at ${Math.ceil(runs / 10)} runs`, `at ${runs} runs`, 'ratio'],
  ],
  ...rows,
]);

const database = join(all, 'ipc-sweep.db');
const sql = 'SELECT * FROM run_overview WHERE sweep_id = 1 ORDER BY ordinal, attempt';
const turns = Array.from({ length: Math.max(5, times) }, () => {
  const own = JSON.parse(
    spawnSync(process.execPath, [writesRuns, database, join(folder, 'runs')], { encoding: 'utf8' })
      .stdout,
  );
  return { own, theirs: timedSqlite() };
});

/** Seconds that sqlite3 takes, as a shell's `times` says it; NaN where it is not installed. */
function timedSqlite() {
  const { stdout, status } = spawnSync(
    'sh',
    ['-c', 'sqlite3 -csv "$1" "$2" > "$3"; times', 'sh', database, sql, join(folder, 'sqlite.csv')],
    { encoding: 'utf8' },
  );
  if (status !== 0) return Number.NaN;
  const [, children] = stdout.trim().split('\n');
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
}

if (turns.some(({ theirs }) => Number.isNaN(theirs))) {
  console.log('\nthe sqlite3 command line is not here to compare with');
} else {
  const [own, theirs] = [median(turns.map((t) => t.own)), median(turns.map((t) => t.theirs))];
  const ratio = median(turns.map((turn) => turn.own / turn.theirs));
  console.log(
    `\nruns.csv: ${seconds(own)}, by sqlite3 -csv ${seconds(theirs)}, ratio ${ratio.toFixed(2)} (goal: at most ${RATIO_GOAL}, ${ratio <= RATIO_GOAL ? 'kept' : 'missed'})`,
  );
}

for (const command of ['status', 'export', 'report']) {
  console.log(`\nwhere the time of ${command} goes`);
  printTable(profile([main, ...wordsOf(command, all)]));
}
