// Breaks connections, and kills agents, at random instants of traced sweeps over three hosts at once,
// and looks at what is stored, at what runs on and at what lies about on both sides.
// The hosts are ssh servers on this machine: their tracers see each other's benchmarks, which is a note
// and no more.
// Usage: npm run build && sudo npm run test:hosts -- [--breaks 20] [--agents 50] [--seed 1]
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { descendantsOf, noSshd, startBoards, Watch } from './boards.mjs';
import { checkDatabase, Ground, randomFrom, stateCounts, usableTracer } from './ground.mjs';

const { values } = parseArgs({
  options: {
    breaks: { type: 'string', default: '20' },
    agents: { type: 'string', default: '50' },
    trials: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const why = noSshd();
if (why) {
  console.log(`test:hosts: skipped: ${why}`);
  process.exit(0);
}
const names = ['board-1', 'board-2', 'board-3'];
const CELLS = 6;
const trials = Number(values.trials);
const random = randomFrom(Number(values.seed));
const ground = new Ground('hosts');
const { boards, environment, leftovers, stop } = await startBoards(ground.path('boards'), names);
const servers = boards.map(({ sshd }) => sshd.pid);
let sweepPid;
const watch = new Watch(() => [...servers, ...(sweepPid === undefined ? [] : [sweepPid])]);
const phases = {};
try {
  const { tracer, why: version } = await usableTracer(ground);
  ground.say(`seed ${values.seed}, three hosts, traced by ${tracer} (${version})`);
  await campaign(tracer, 'connections', Number(values.breaks), sessionsOf);
  await campaign(tracer, 'agents', Number(values.agents), agentsOf);
} finally {
  watch.stop();
  await stop();
}
ground.finish('test:hosts');

/** Parts of a server that hold a connection each. */
function sessionsOf(server) {
  return descendantsOf(server).filter(
    ({ name, parent }) => /^sshd/.test(name) && parent === server,
  );
}

/** Agents there, those of both halves. */
function agentsOf(server) {
  return descendantsOf(server).filter(({ name }) => name === 'agent');
}

async function campaign(tracer, what, count, targetsOf) {
  let round = 0;
  let done = 0;
  while (done < count) {
    round++;
    const name = `${what}-${round}`;
    const spec = ground.write(
      `${name}.yaml`,
      `name: ${name}
benchmark: { bare: true }
matrix: { buffer_size: [4KiB, 16KiB, 64KiB], total_size: 8MiB, mode: [2proc, 2thread] }
trace: { tracer: ${tracer}, controls: ${tracer !== 'none'} }
trials: ${trials}
hosts: [${names.join(', ')}]
assign: whole-cells
host_patience: 5m
seed: ${round}
`,
    );
    // What has to be built again is built under fire, too.
    for (const { place } of round % 3 === 0 ? boards : []) {
      rmSync(place('cache/ipc-sweep'), { recursive: true, force: true });
    }
    let turns = 0;
    for (let code; code !== 0; turns++) {
      if (turns === 12) {
        ground.fail(`${name}: not complete after ${turns} starts`);
        break;
      }
      const words = ['run', spec, ...(code === 1 ? ['--only-failed'] : [])];
      const started = ground.start(words, { env: environment });
      sweepPid = started.pid;
      let ended;
      started.ended.then((how) => {
        ended = how;
      });
      while (!ended && done < count) {
        const server = servers[Math.floor(random() * servers.length)];
        // In turn at any instant, and at any instant of the runs.
        const amongRuns = done % 2 === 1;
        if (amongRuns) await Promise.race([started.ended, benchmarkBelow(server)]);
        await Promise.race([started.ended, sleep(random() * (amongRuns ? 400 : 3000))]);
        const targets = targetsOf(server);
        const target = targets[Math.floor(random() * targets.length)];
        if (ended || target === undefined) continue;
        const below = descendantsOf(server).map(({ name: is }) => is);
        try {
          process.kill(target.pid, 'SIGKILL');
        } catch {
          continue;
        }
        done++;
        const phase = phaseOf(below);
        phases[phase] = (phases[phase] ?? 0) + 1;
      }
      const { stderr, ...how } = await started.ended;
      code = how.code;
      // 1: runs in doubt, or a host was away when the sweep began or for too long. 3: all were.
      const right = code === 0 || code === 1 || (code === 3 && /board-\d/.test(stderr));
      ground.expect(right, `${name}: run ended with ${code ?? how.signal}: ${stderr}`);
      if (!right) break;
      await quiet(name);
      // Runs that are missing come first: --only-failed would not make them.
      if (code === 1 && missing(name) > 0) code = undefined;
    }
    check(name, tracer !== 'none');
  }
  const said = Object.entries(phases).map(([phase, times]) => `${times} ${phase}`);
  const db = ground.mustLook();
  checkDatabase(ground, db, what);
  ground.say(`${done} ${what} broken (so far: ${said.join(', ')}) in ${round} sweeps`);
  ground.say(`each run made once: ${stateCounts(db)}${reasons(db)}`);
  db.close();
  const left = [...ground.leftovers(), ...leftovers()];
  ground.expect(left.length === 0, `left behind: ${left.join(', ')}`);
}

async function benchmarkBelow(server) {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(5)) {
    if (descendantsOf(server).some(({ name }) => /^ipc-benchmark/.test(name))) return;
  }
}

function phaseOf(below) {
  if (below.some((name) => /^(cc1|cc|gcc|as|ld|collect2)/.test(name))) return 'build';
  if (!below.includes('agent')) return 'bootstrap';
  if (below.some((name) => /^ipc-benchmark/.test(name))) return 'run';
  if (below.includes('bpftrace')) return 'attached or attaching';
  return 'between';
}

/** Waits until nothing that the sweep has started is left, on either side. */
async function quiet(name) {
  for (let tries = 0; ; tries++) {
    const left = watch.living().filter(({ pid }) => !servers.includes(pid));
    if (left.length === 0) return;
    if (tries === 600) {
      const who = left.map((one) => `${one.name} ${one.pid}`).join(', ');
      ground.fail(`${name}: still there: ${who}`);
      return;
    }
    await sleep(100);
  }
}

function reasons(db) {
  const rows = db
    .prepare(
      `SELECT state, reason, count(*) AS n FROM run WHERE state <> 'completed' GROUP BY 1, 2
       ORDER BY 3 DESC LIMIT 4`,
    )
    .all();
  return rows.map(({ state, reason, n }) => `; ${n} ${state}: ${reason.slice(0, 80)}`).join('');
}

function planned(withControls) {
  return CELLS * trials * (withControls ? 2 : 1);
}

function rowsOf(db, name) {
  return db
    .prepare(
      `SELECT cell, trial, traced, count(*) AS attempts, count(DISTINCT attempt) AS numbers,
         max(attempt) AS last, sum(state = 'completed') AS completed
       FROM run_overview WHERE sweep = ? GROUP BY cell, trial, traced`,
    )
    .all(name);
}

function missing(name) {
  const db = ground.mustLook();
  const all = /** @type {number} */ (
    db.prepare('SELECT planned_runs FROM sweep WHERE name = ?').pluck().get(name)
  );
  const { length } = rowsOf(db, name);
  db.close();
  return all - length;
}

/** Exactly the planned runs; an attempt that was broken off is not stored, and none is stored twice. */
function check(name, withControls) {
  const db = ground.mustLook();
  const rows = rowsOf(db, name);
  const bad = rows.filter(
    ({ attempts, numbers, last, completed }) =>
      completed !== 1 || attempts !== numbers || attempts !== last,
  );
  const all = planned(withControls);
  ground.expect(rows.length === all, `${name}: ${rows.length} runs of ${all}`);
  ground.expect(bad.length === 0, `${name}: ${JSON.stringify(bad.slice(0, 5))}`);
  const shares = db
    .prepare(
      `SELECT assigned_host AS host, count(*) AS cells FROM cell JOIN sweep ON sweep.id = sweep_id
       WHERE sweep.name = ? GROUP BY 1 ORDER BY 1`,
    )
    .all(name);
  const fair = names.map((host) => ({ host, cells: CELLS / names.length }));
  const shared = JSON.stringify(shares);
  ground.expect(shared === JSON.stringify(fair), `${name}: the hosts' shares are ${shared}`);
  db.close();
}
