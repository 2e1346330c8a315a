// Takes away room, permission, descriptors, files and time from real sweeps, looks at what is said
// and stored, gives it back, and lets `run` complete the sweep. Runs in a mount namespace of its
// own, so that nothing stays mounted.
// Usage: npm run build && sudo npm run test:faults -- [--points 20]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  agentsOf,
  checkDatabase,
  checkSweep,
  FIXTURES,
  Ground,
  PROGRAMS,
  stateCounts,
} from './ground.mjs';

const PRIVATE = 'IPC_SWEEP_CAMPAIGN_PRIVATE_MOUNTS';
if (process.getuid?.() !== 0 || process.platform !== 'linux') {
  console.log('test:faults: skipped: needs root on Linux, for a small file system to fill');
} else if (process.env[PRIVATE] === undefined) {
  const words = ['--mount', '--propagation', 'private', process.execPath];
  const again = spawnSync(
    'unshare',
    [...words, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, [PRIVATE]: '1' } },
  );
  process.exitCode = again.status ?? 1;
} else await campaign();

async function campaign() {
  const { values } = parseArgs({ options: { points: { type: 'string', default: '20' } } });
  const points = Number(values.points);
  const ground = new Ground('faults');
  const disk = ground.path('disk');
  mkdirSync(disk);
  mount(['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
  process.prependOnceListener('exit', () => spawnSync('umount', ['--lazy', disk]));
  // The benchmark and the agent are built before anything is taken away.
  const spec = sweepSpec(ground, 'sweep');
  const started = ground.start(['run', spec, '--results', 'disk/results']);
  let used = 0;
  const watch = setInterval(() => {
    const { blocks, bfree, bsize } = statfsSync(disk);
    used = Math.max(used, (blocks - bfree) * bsize);
  }, 2);
  const { code, stderr } = await started.ended;
  clearInterval(watch);
  ground.expect(code === 0, `the undisturbed sweep ended with ${code}: ${stderr}`);
  ground.say(`an undisturbed sweep of 40 runs takes ${used} bytes of disk at most`);

  await diskFull(ground, disk, used, points);
  await temporaryFilesFull(ground, disk);
  await readOnly(ground, disk);
  await fileTable(ground);
  await databaseGone(ground);
  await clock(ground);
  await slowDisk(ground);
  await nobodyListens(ground);

  await ground.quiet();
  const left = ground.leftovers();
  ground.expect(left.length === 0, `left behind: ${left.join(', ')}`);
  ground.finish('test:faults');
}

function sweepSpec(ground, name, { program = 'bundled', trials = 10, more = '' } = {}) {
  return ground.write(
    `${name}.yaml`,
    `name: ${name}
benchmark: { program: ${program}, bare: true }
matrix: { buffer_size: [4KiB, 64KiB], total_size: 256KiB, mode: [2proc, 2thread] }
trace: { tracer: none }
trials: ${trials}
${more}
`,
  );
}

/** A message for the user: what is wrong and a hint, no stack, an exit code that is documented. */
function said(ground, where, { code, signal, stderr }, codes, text = /./) {
  const right =
    codes.includes(code) &&
    /^ipc-sweep: .+\nhint: .+$/m.test(stderr) &&
    !/this is a bug|^ +at /m.test(stderr) &&
    text.test(stderr);
  ground.expect(right, `${where}: exit code ${code ?? signal}, ${stderr.slice(-600)}`);
  return /^ipc-sweep: (.*)/m.exec(stderr)?.[1] ?? '';
}

/** Checks that the database opens and is whole. @returns how many runs are stored */
function whole(ground, where, file) {
  const db = ground.look(file);
  if (!db) return 0;
  try {
    checkDatabase(ground, db, where);
    const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'run_overview'").get();
    return table ? db.prepare('SELECT count(*) AS n FROM run_overview').get().n : 0;
  } catch (error) {
    ground.fail(`${where}: the database does not open: ${error}`);
    return 0;
  } finally {
    db.close();
  }
}

/** `run` again ends well, with exactly the planned runs. */
async function completes(ground, where, words, file, name = 'sweep', trials = 10) {
  let ended = await ground.run(['run', ...words]);
  if (ended.code === 1) ended = await ground.run(['run', ...words, '--only-failed']);
  ground.expect(ended.code === 0, `${where}: run again ended with ${ended.code}: ${ended.stderr}`);
  const db = ground.look(file);
  if (!db) return ground.fail(`${where}: there is no database ${file}`);
  checkDatabase(ground, db, where);
  checkSweep(ground, db, name, 4, trials);
  db.close();
}

/** Half of the points: a disk that is too small; the other half: a disk that fills during a run. */
async function diskFull(ground, disk, used, points) {
  const file = 'disk/results/ipc-sweep.db';
  const words = ['sweep.yaml', '--results', 'disk/results'];
  const messages = new Map();
  const note = (message) => {
    const kind = message.replace(/disk\/[\w./-]*/g, '...').slice(0, 110);
    messages.set(kind, (messages.get(kind) ?? 0) + 1);
  };
  const stored = [];
  let share = 0;
  for (let point = 0, missed = 0; point < points; ) {
    mount(['-o', 'remount,size=64m', disk]);
    rmSync(join(disk, 'results'), { recursive: true, force: true });
    const half = points / 2;
    const small = point < half;
    const where = `disk full, point ${point + 1}`;
    share = missed > 0 ? share * 0.8 : small ? (point + 0.5) / half : (point - half) / half;
    const ended = small
      ? await onSmallDisk(disk, share * used)
      : await onFillingDisk(disk, Math.round(share * 40));
    if (ended.code !== 0) {
      note(said(ground, where, ended, [1, 3], /full|ENOSPC|no space|SQLITE_IOERR/i));
      stored.push(whole(ground, where, file));
      point++;
      missed = 0;
    } else if (++missed > 5) {
      // Otherwise everything had been written before the disk was full: once more, earlier.
      throw new Error(`${where}: the disk was never full`);
    }
    mount(['-o', 'remount,size=64m', disk]);
    await completes(ground, where, words, file);
    await ground.quiet();
  }
  rmSync(join(disk, 'results'), { recursive: true, force: true });
  ground.say(`disk full at ${points} points, with so many runs stored: ${stored.join(' ')}`);
  for (const [message, count] of messages) ground.say(`  ${count} times: ${message}`);
  ground.say('  and after room was made, run again completed each sweep');

  async function onSmallDisk(disk, bytes) {
    const pages = Math.max(1, Math.round(bytes / 4096));
    mount(['-o', `remount,size=${pages * 4096}`, disk]);
    return ground.run(['run', ...words]);
  }

  async function onFillingDisk(disk, runs) {
    const started = ground.start(['run', ...words]);
    let over = false;
    started.ended.then(() => {
      over = true;
    });
    while (!over && countRuns(ground, file) < runs) await sleep(3);
    fill(join(disk, 'ballast'));
    const ended = await started.ended;
    rmSync(join(disk, 'ballast'), { force: true });
    return ended;
  }
}

function countRuns(ground, file) {
  try {
    const db = ground.look(file);
    if (!db) return -1;
    try {
      return db.prepare('SELECT count(*) AS n FROM run').get().n;
    } finally {
      db.close();
    }
  } catch {
    return -1;
  }
}

function fill(file) {
  for (const size of [65536, 4096, 512]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error;
    }
  }
}

/** A sweep needs no temporary folder; in the cache is everything that its agent keeps. */
async function temporaryFilesFull(ground, disk) {
  for (const name of ['tmp', 'cache']) mkdirSync(join(disk, name));
  const words = ['sweep.yaml', '--results', 'in-full-tmp'];
  fill(join(disk, 'ballast'));
  // tmpfs makes folders where no byte can be written: take the inodes, too.
  mount(['-o', `remount,nr_inodes=${statfsSync(disk).files - statfsSync(disk).ffree}`, disk]);
  const cases = {
    'cache full': { XDG_CACHE_HOME: join(disk, 'cache') },
    'cache absent, and not to be made': { XDG_CACHE_HOME: '/proc/absent' },
  };
  for (const [name, env] of Object.entries(cases)) {
    const ended = await ground.run(['run', ...words], { env });
    const message = said(ground, name, ended, [3]);
    ground.say(`${name}: exit code ${ended.code}: ${message}`);
    whole(ground, name, 'in-full-tmp/ipc-sweep.db');
  }
  for (const [name, TMPDIR] of [
    ['absent', ground.path('absent')],
    ['full', join(disk, 'tmp')],
  ]) {
    const ended = await ground.run(['run', ...words, '--fresh'], { env: { TMPDIR } });
    ground.expect(ended.code === 0, `temporary folder ${name}: ${ended.code}: ${ended.stderr}`);
  }
  ground.say('temporary folder absent or full: a sweep does without');
  rmSync(ground.path('in-full-tmp'), { recursive: true });
  mount(['-o', 'remount,nr_inodes=100000', disk]);
  rmSync(join(disk, 'ballast'));
  for (const name of ['tmp', 'cache']) rmSync(join(disk, name), { recursive: true });
  await completes(ground, 'cache', words, 'in-full-tmp/ipc-sweep.db');
}

async function readOnly(ground, disk) {
  const words = ['sweep.yaml', '--results', 'disk/results'];
  const file = 'disk/results/ipc-sweep.db';
  mount(['-o', 'remount,ro', disk]);
  const fresh = await ground.run(['run', ...words]);
  const first = said(ground, 'read-only from the start', fresh, [3]);
  mount(['-o', 'remount,rw', disk]);
  await completes(ground, 'read-only from the start', words, file);
  mount(['-o', 'remount,ro', disk]);
  const again = await ground.run(['run', ...words, '--fresh']);
  const second = said(ground, 'read-only afterwards', again, [3]);
  const status = await ground.run(['status', '--results', 'disk/results']);
  ground.expect(status.code === 0, `status of a read-only database: ${status.stderr}`);
  mount(['-o', 'remount,rw', disk]);
  whole(ground, 'read-only afterwards', file);
  ground.say(`read-only folder: exit codes ${fresh.code} and ${again.code}: ${first}; ${second}`);
  rmSync(join(disk, 'results'), { recursive: true });
}

/** A limit from the start, where Node alone needs some fifty descriptors, and one of the agent during the runs. */
async function fileTable(ground) {
  if (spawnSync('prlimit', ['--version']).error) return ground.say('full file table: no prlimit');
  const seen = new Map();
  const note = (message, limit) => {
    const kind = message.replace(/'.*|Cannot find.*/, '...');
    seen.set(kind, [...(seen.get(kind) ?? []), limit]);
  };
  for (const most of [24, 40, 56, 60, 64, 68, 72, 76, 80]) {
    const results = `table-${most}`;
    const words = ['sweep.yaml', '--results', results];
    const where = `at most ${most} descriptors`;
    const ended = await ground.run(['run', ...words], { before: ['prlimit', `--nofile=${most}`] });
    await ground.quiet();
    if (ended.code === 0) note('enough', most);
    else note(said(ground, where, ended, [1, 3]), most);
    if (ended.code !== 0) whole(ground, where, `${results}/ipc-sweep.db`);
    await completes(ground, where, words, `${results}/ipc-sweep.db`);
  }
  const program = standIn(ground, '0.03');
  for (const runs of [3, 10, 17, 24, 31]) {
    const results = `table-at-${runs}`;
    const words = [sweepSpec(ground, `table-${runs}`, { program }), '--results', results];
    const file = `${results}/ipc-sweep.db`;
    const started = ground.start(['run', ...words]);
    while (countRuns(ground, file) < runs) await sleep(5);
    const [, agent] = agentsOf(started.pid);
    // What it has open between two runs, and one more.
    spawnSync('prlimit', ['--pid', String(agent), '--nofile=9']);
    const ended = await started.ended;
    await ground.quiet();
    const where = `no descriptor left for the agent after ${runs} runs`;
    note(said(ground, where, ended, [1, 3]), `after ${runs} runs`);
    const kept = whole(ground, where, file);
    ground.expect(kept >= runs, `${where}: ${kept} runs were kept`);
    await completes(ground, where, words, file, `table-${runs}`);
  }
  ground.say('full file table: descriptors allowed, and what was said:');
  for (const [message, limits] of seen) ground.say(`  ${limits.join(', ')}: ${message}`);
}

/** The fixture program that answers, each run taking some time. */
function standIn(ground, seconds) {
  const program = ground.path('programs', 'answers');
  mkdirSync(ground.path('programs'), { recursive: true });
  writeFileSync(program, readFileSync(join(PROGRAMS, 'answers')), { mode: 0o755 });
  writeFileSync(`${program}.delay`, seconds);
  return program;
}

/** While a sweep runs, its database is deleted, its folder is deleted, or another file takes its place. */
async function databaseGone(ground) {
  const ways = {
    'database deleted': (folder) => {
      for (const name of readdirSync(folder)) {
        if (name.startsWith('ipc-sweep.db')) rmSync(join(folder, name));
      }
    },
    'results folder deleted': (folder) => rmSync(folder, { recursive: true }),
    'database replaced': (folder) => {
      rmSync(join(folder, 'ipc-sweep.db'));
      writeFileSync(join(folder, 'ipc-sweep.db'), 'something else');
    },
  };
  const program = standIn(ground, '0.03');
  for (const [at, [way, take]] of Object.entries(ways).entries()) {
    const results = `gone-${at}`;
    const file = `${results}/ipc-sweep.db`;
    const words = [sweepSpec(ground, `gone-${at}`, { program }), '--results', results];
    const started = ground.start(['run', ...words]);
    while (countRuns(ground, file) < 12) await sleep(5);
    take(ground.path(results));
    const ended = await started.ended;
    const message = said(ground, way, ended, [3]);
    const replaced = way === 'database replaced';
    if (replaced) {
      ground.expect(
        readFileSync(ground.path(file), 'utf8') === 'something else',
        `${way}: the other file was changed`,
      );
    }
    const saved = replaced ? `${file}.saved` : file;
    const kept = whole(ground, way, saved);
    ground.expect(kept >= 12, `${way}: ${kept} runs were kept of 12 or more`);
    ground.say(`${way} after 12 runs, ${kept} saved: exit code ${ended.code}: ${message}`);
    const where = replaced ? [...words, '--db', saved] : words;
    await completes(ground, way, where, saved, `gone-${at}`);
  }
}

async function clock(ground) {
  sweepSpec(ground, 'negative', { program: join(FIXTURES, 'time-runs-back'), trials: 1 });
  const negative = await ground.run(['run', 'negative.yaml']);
  ground.expect(negative.code === 1, `negative time: exit code ${negative.code}`);
  const db = ground.look();
  checkDatabase(ground, db, 'negative time');
  const [row] = db
    .prepare('SELECT state, reason, count(*) AS n FROM run_overview GROUP BY 1')
    .all();
  ground.expect(row.state === 'output-unreadable', `negative time: ${JSON.stringify(row)}`);
  ground.say(`a benchmark that prints negative time: ${row.n} ${row.state}: ${row.reason}`);
  db.close();
  await preloaded(ground, 'clock', 'the clock steps back an hour during a sweep', (rows) => {
    const times = rows.map(({ started_at }) => Date.parse(started_at));
    const back = times.filter((time, at) => at > 0 && time < times[at - 1]).length;
    ground.expect(back === 1, `the clock stepped back ${back} times`);
    return 'started_at goes back once, and every duration is right';
  });
}

async function slowDisk(ground) {
  await preloaded(ground, 'disk', 'a disk that takes 20 ms for each write', () => '');
}

async function preloaded(ground, fault, what, look) {
  const library = ground.build('faulty-libc.c', 'faulty-libc.so', ['-shared', '-fPIC']);
  if (!library) return ground.say(`${what}: skipped, no C compiler`);
  const program = standIn(ground, '0.03');
  const words = [sweepSpec(ground, fault, { program }), '--results', fault];
  const began = performance.now();
  const FAULT_SWITCH = ground.path(`${fault}.now`);
  const env = { LD_PRELOAD: library, FAULT: fault, FAULT_SWITCH };
  const started = ground.start(['run', ...words], { env });
  while (countRuns(ground, `${fault}/ipc-sweep.db`) < 10) await sleep(5);
  writeFileSync(FAULT_SWITCH, '');
  const ended = await started.ended;
  const seconds = (performance.now() - began) / 1000;
  ground.expect(ended.code === 0, `${what}: exit code ${ended.code}: ${ended.stderr}`);
  const db = ground.look(`${fault}/ipc-sweep.db`);
  checkDatabase(ground, db, what);
  checkSweep(ground, db, fault, 4, 10);
  const rows = db.prepare('SELECT started_at, wall_ns FROM run ORDER BY id').all();
  ground.expect(
    rows.every(({ wall_ns }) => wall_ns > 0 && wall_ns < 5e9),
    `${what}: wall_ns of ${rows.map(({ wall_ns }) => wall_ns).filter((ns) => ns <= 0 || ns > 5e9)}`,
  );
  const found = look(rows);
  ground.say(`${what}: ${stateCounts(db)} in ${seconds.toFixed(1)} s${found ? `; ${found}` : ''}`);
  db.close();
}

/** Checks that runs are stored although messages have nowhere to go. */
async function nobodyListens(ground) {
  const results = 'deaf';
  const before = ['sh', '-c', 'exec "$@" >/dev/full', 'sh'];
  const ended = await ground.run(['run', 'sweep.yaml', '--results', results], { before });
  const message = said(ground, 'standard output is full', ended, [3]);
  ground.say(`standard output on a full disk: exit code ${ended.code}: ${message}`);
  whole(ground, 'standard output is full', `${results}/ipc-sweep.db`);
  await completes(
    ground,
    'standard output is full',
    ['sweep.yaml', '--results', results],
    `${results}/ipc-sweep.db`,
  );
}

function mount(words) {
  const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount ${words.join(' ')}: ${stderr}`);
}
