// What the campaigns share: a folder of their own, commands started in it from the build, what
// they leave behind, and checks of what they stored.
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

export const MAIN = fileURLToPath(new URL('../../bundle/main.js', import.meta.url));
export const PROGRAMS = fileURLToPath(new URL('../fixtures/programs/', import.meta.url));
export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The folder of a campaign; its processes work in it, its temporary files are under `tmp`. */
export class Ground {
  constructor(name) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), `ipc-sweep-campaign-${name}-`)));
    mkdirSync(this.path('tmp'));
    this.failures = [];
    this.began = performance.now();
    process.once('exit', () => this.remove());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(signal, () => process.exit(130));
    }
  }

  path(...parts) {
    return join(this.folder, ...parts);
  }

  write(name, text) {
    writeFileSync(this.path(name), text);
    return name;
  }

  /** Builds a C file of the campaigns. @returns its path, or undefined without a compiler */
  build(source, name, flags = []) {
    mkdirSync(this.path('built'), { recursive: true });
    const target = this.path('built', name);
    const words = [...flags, '-O1', '-Wall', '-Wextra', '-o', target, join(FIXTURES, source)];
    const built = spawnSync(process.env.CC || 'cc', words, { encoding: 'utf8' });
    if (built.error) return undefined;
    if (built.status !== 0) throw new Error(built.stderr);
    return target;
  }

  environment(more = {}) {
    const own = { XDG_CACHE_HOME: this.path('cache'), TMPDIR: this.path('tmp') };
    const { SUDO_UID, SUDO_GID, ...rest } = process.env;
    return { ...rest, ...own, ...more };
  }

  /**
   * @param {string[]} words
   * @param {{ env?: Record<string, string>, before?: string[], stdio?: import('node:child_process').StdioOptions }} options
   *     `before` starts the command, such as `prlimit` with its options
   */
  start(words, { env = {}, before = [], stdio = ['ignore', 'pipe', 'pipe'] } = {}) {
    const [file, ...rest] = [...before, process.execPath, MAIN, ...words];
    const child = spawn(file, rest, { cwd: this.folder, env: this.environment(env), stdio });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name]?.setEncoding('utf8').on('data', (chunk) => {
        said[name] += chunk;
      });
    }
    const ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, ...said }));
    });
    return { pid: child.pid, said, ended, kill: (signal) => child.kill(signal) };
  }

  run(words, options) {
    return this.start(words, options).ended;
  }

  /** Living processes that work in the folder, but for the campaign's own. */
  processes() {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        try {
          if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(this.folder)) return [];
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
          return [{ pid: Number(pid), words: words.slice(0, 200) }];
        } catch {
          return [];
        }
      });
  }

  /** Waits until nothing works in the folder. @returns how long that took, in ms */
  async quiet(limitMs = 70_000) {
    const began = performance.now();
    for (;;) {
      const left = this.processes();
      const waited = performance.now() - began;
      if (left.length === 0) return waited;
      if (waited > limitMs) {
        this.fail(`still there after ${limitMs} ms: ${left.map(({ words }) => words).join('; ')}`);
        for (const { pid } of left) process.kill(pid, 'SIGKILL');
        return waited;
      }
      await sleep(5);
    }
  }

  /** Files that belong neither to results nor to what the campaign laid out. */
  leftovers(results = 'results') {
    const under = (folder) =>
      existsSync(this.path(folder))
        ? readdirSync(this.path(folder), { recursive: true }).map((name) => join(folder, name))
        : [];
    const kept =
      /(^|\/)(ipc-sweep\.db(\.lock)?|[\w.-]+-\d+(\/(\w+\.csv|datapackage\.json|\.ipc-sweep))?)$/;
    return [
      ...under('tmp'),
      // What was being built, and what an agent was sent.
      ...under('cache').filter((name) => /\/\.draft-|\/agent-files\/./.test(name)),
      ...under(results).filter((name) => !kept.test(name)),
    ];
  }

  /**
   * Opens a copy of the database as it is on the disk at this moment, so that looking changes nothing.
   * @returns undefined if there is no database
   */
  look(file = 'results/ipc-sweep.db') {
    const copy = this.path('look.db');
    for (const side of ['', '-wal', '-shm', '-journal']) rmSync(copy + side, { force: true });
    if (!existsSync(this.path(file))) return undefined;
    copyFileSync(this.path(file), copy);
    for (const side of ['-wal', '-journal']) {
      if (existsSync(this.path(file) + side)) copyFileSync(this.path(file) + side, copy + side);
    }
    return new Database(copy);
  }

  /** Works like {@link look} where there must be a database. */
  mustLook(file = 'results/ipc-sweep.db') {
    const db = this.look(file);
    if (!db) throw new Error(`there is no ${file}`);
    return db;
  }

  fail(message) {
    this.failures.push(message);
    console.log(`  WRONG: ${message}`);
  }

  expect(right, message) {
    if (!right) this.fail(message);
    return right;
  }

  say(line) {
    const seconds = ((performance.now() - this.began) / 1000).toFixed(0);
    console.log(`${seconds.padStart(5)} s  ${line.replaceAll(this.folder, '...')}`);
  }

  /** The last line, and the exit code. */
  finish(name) {
    const verdict = this.failures.length === 0 ? 'passed' : `${this.failures.length} WRONG`;
    this.say(`${name}: ${verdict}`);
    process.exitCode = this.failures.length === 0 ? 0 : 1;
  }

  remove() {
    for (const { pid } of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {}
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Looks at a whole database: SQLite's own check, and what no single row can show. */
export function checkDatabase(ground, db, where) {
  const integrity = db.pragma('integrity_check', { simple: true });
  ground.expect(integrity === 'ok', `${where}: integrity_check says ${integrity}`);
  const broken = db.pragma('foreign_key_check');
  ground.expect(broken.length === 0, `${where}: ${broken.length} rows without their parents`);
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'run'").get()) return;
  const bad = db
    .prepare(
      `SELECT run.id FROM run JOIN cell ON cell.id = run.cell_id JOIN sweep ON sweep.id = cell.sweep_id
       WHERE run.state = 'completed' AND (
         (SELECT count(*) FROM sample WHERE run_id = run.id) <> sweep.iterations
         OR run.traced = 1 AND sweep.tracer <> 'none' AND EXISTS (
           SELECT 1 FROM (SELECT 'read' AS operation UNION SELECT 'write') AS both
           WHERE cell.total_bytes * sweep.iterations IS NOT
             (SELECT sum(bytes * count) FROM io_size
              WHERE run_id = run.id AND io_size.operation = both.operation)))`,
    )
    .all();
  ground.expect(
    bad.length === 0,
    `${where}: completed with wrong counts: runs ${bad.map(({ id }) => id).join(' ')}`,
  );
  const unsaid = db
    .prepare("SELECT id FROM run WHERE state <> 'completed' AND coalesce(reason, '') = ''")
    .all();
  ground.expect(
    unsaid.length === 0,
    `${where}: without a reason: runs ${unsaid.map(({ id }) => id)}`,
  );
}

/** Exactly the planned runs, each completed once. @param cells how many the spec has */
export function checkSweep(ground, db, name, cells, trials) {
  const rows = db
    .prepare(
      `SELECT cell, trial, sum(state = 'completed') AS completed FROM run_overview WHERE sweep = ?
       GROUP BY cell, trial ORDER BY cell, trial`,
    )
    .all(name);
  const planned = Array.from({ length: cells * trials }, (_, at) => ({
    cell: Math.floor(at / trials) + 1,
    trial: (at % trials) + 1,
    completed: 1,
  }));
  ground.expect(
    JSON.stringify(rows) === JSON.stringify(planned),
    `${name}: ${rows.length} runs of ${planned.length}: ${JSON.stringify(rows.filter(({ completed }) => completed !== 1))}`,
  );
  const sweeps = db.prepare('SELECT count(*) AS n FROM sweep WHERE name = ?').get(name).n;
  ground.expect(sweeps === 1, `${name}: ${sweeps} sweeps instead of one`);
}

export function stateCounts(db, where = '1') {
  const rows = db.prepare(
    `SELECT state, count(*) AS n FROM run_overview WHERE ${where} GROUP BY 1`,
  );
  return rows
    .all()
    .map(({ state, n }) => `${n} ${state}`)
    .join(', ');
}

/** Children of a process that was started by Node, which starts them from its main thread. */
export function childrenOf(pid) {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return list === '' ? [] : list.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** The two processes of the agent of an ipc-sweep: the one that waits, and the one that works. */
export function agentsOf(pid) {
  const isAgent = (child) => /\/agent [0-9a-f]{16} /.test(commandLine(child));
  const [keeper] = childrenOf(pid).filter(isAgent);
  if (keeper === undefined) return [];
  const [agent] = childrenOf(keeper).filter(isAgent);
  return agent === undefined ? [] : [keeper, agent];
}

/**
 * Lists the processes that the agent of an ipc-sweep has started, a tracer or a benchmark, without
 * those that these have started.
 */
export function startedBy(pid) {
  const [, agent] = agentsOf(pid);
  return agent === undefined ? [] : childrenOf(agent);
}

/** The name that the kernel shows for a process; empty when it has gone. */
export function commandName(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** The words of a process, with blanks between them; empty when it has gone. */
export function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

/** Whether sweeps can be traced here, and by what. */
export async function usableTracer(ground) {
  if (process.getuid?.() !== 0) return { tracer: 'none', why: 'not root' };
  const { stdout } = await ground.run(['doctor', '--json']);
  const [{ tracers }] = JSON.parse(stdout).hosts;
  const bpftrace = tracers.find(({ tracer }) => tracer === 'bpftrace');
  return bpftrace?.usable
    ? { tracer: 'bpftrace', why: bpftrace.version }
    : { tracer: 'none', why: bpftrace?.reason ?? 'no bpftrace' };
}
