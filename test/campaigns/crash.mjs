// Kills ipc-sweep, its agent, its tracer, and the benchmark's child at random instants of real sweeps,
// and looks at what is left and what is stored.
// Usage: npm run build && sudo npm run test:crash -- [--kills 200] [--agents 50] [--others 50] [--seed 1]
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  agentsOf,
  checkDatabase,
  checkSweep,
  childrenOf,
  commandLine,
  commandName,
  Ground,
  randomFrom,
  startedBy,
  stateCounts,
  usableTracer,
} from './ground.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    agents: { type: 'string', default: '50' },
    others: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});
const kills = Number(values.kills);
const agents = Number(values.agents);
const others = Number(values.others);
const random = randomFrom(Number(values.seed));
const ground = new Ground('crash');
const { tracer, why } = await usableTracer(ground);
ground.say(`seed ${values.seed}, traced by ${tracer} (${why})`);

await killOrchestrator();
await killAgent();
if (tracer === 'none') ground.say(`no kills of the tracer: ${why}`);
else await killTracer();
await killChild('bundled', Math.ceil(others / 2), 'failed');
const standIn = ground.build('hangs-without-child.c', 'hangs-without-child');
if (standIn) await killChild(standIn, Math.floor(others / 2), 'timed-out');
else ground.say('no stand-in that hangs without its child: no C compiler');
ground.finish('test:crash');

/** Small sweeps, one after the other, each killed and continued until it is complete. */
async function killOrchestrator() {
  const cells = 4;
  const trials = 12;
  let round = 1;
  const spec = () =>
    ground.write(
      'crash.yaml',
      `name: crash-${round}
benchmark: { bare: true }
matrix: { buffer_size: [4KiB, 64KiB], total_size: 256KiB, mode: [2proc, 2thread] }
trace: { tracer: ${tracer} }
trials: ${trials}
seed: ${round}
`,
    );
  // How long an undisturbed sweep takes, when everything is built; kills come at any instant of it.
  await ground.run(['run', spec()]);
  round++;
  const began = performance.now();
  ground.expect((await ground.run(['run', spec()])).code === 0, 'the undisturbed sweep failed');
  let wholeMs = performance.now() - began;
  const phases = { 'start-up': 0, attach: 0, runs: 0, export: 0, 'export alone': 0 };
  let killed = 0;
  let repeated = 0;
  let longestMs = 0;
  let complete = 0;
  round++;
  let before = 0;
  // Commands that had nothing left to do but to export.
  let exports = 0;
  while (killed < kills) {
    const exporting = before === cells * trials && random() < 0.5;
    if (before === cells * trials && ++exports > 2) {
      await completed(['run', spec()], await ground.run(['run', spec()]));
      complete++;
      round++;
      before = 0;
      exports = 0;
      continue;
    }
    if (killed % 20 === 19) rmSync(ground.path('cache'), { recursive: true, force: true });
    const words = exporting ? ['export', `crash-${round}`] : ['run', spec()];
    // In turn at any instant of the whole command, and at any instant of its runs.
    const amongRuns = !exporting && killed % 2 === 1;
    const atMs = random() * (exporting ? wholeMs / 4 : amongRuns ? 900 : wholeMs * 1.05);
    const started = ground.start(words);
    if (amongRuns) await Promise.race([started.ended, firstRun(started.pid)]);
    const startedAt = performance.now();
    const first = await Promise.race([started.ended, sleep(atMs)]);
    if (first === undefined) started.kill('SIGKILL');
    const ended = await started.ended;
    longestMs = Math.max(longestMs, await ground.quiet());
    const db = ground.look();
    const stored = db ? countOf(db, `crash-${round}`) : 0;
    if (ended.signal === 'SIGKILL') {
      killed++;
      const phase = exporting
        ? 'export alone'
        : stored === cells * trials
          ? 'export'
          : stored > before
            ? 'runs'
            : ended.stderr.includes(' runs of ')
              ? 'attach'
              : 'start-up';
      phases[phase]++;
      if (db) checkDatabase(ground, db, `after kill ${killed} (${phase}, ${atMs.toFixed(0)} ms)`);
      if (killed % 50 === 0) ground.say(`${killed} kills, ${complete} sweeps complete`);
    } else if (exporting) {
      ground.expect(ended.code === 0, `export ended with ${ended.code}: ${ended.stderr}`);
    } else {
      await completed(words, ended);
      // The machine has become faster, or what had to be built is there.
      if (before === 0 && !amongRuns)
        wholeMs = Math.min(wholeMs, performance.now() - startedAt + 100);
      checkSweep(ground, ground.mustLook(), `crash-${round}`, cells, trials);
      complete++;
      round++;
      exports = 0;
    }
    before = ended.signal === 'SIGKILL' || exporting ? stored : 0;
    db?.close();
  }
  // The last sweep is continued undisturbed.
  await completed(['run', spec()], await ground.run(['run', spec()]));
  const db = ground.mustLook();
  for (let at = 1; at <= round; at++) checkSweep(ground, db, `crash-${at}`, cells, trials);
  checkDatabase(ground, db, 'at the end');
  const said = Object.entries(phases).map(([phase, count]) => `${count} ${phase}`);
  ground.say(`${killed} kills of ipc-sweep (${said.join(', ')}), each continued`);
  ground.say(
    `${round} sweeps of ${cells * trials} runs complete, each run once: ${stateCounts(db)}; ` +
      `${repeated} times --only-failed`,
  );
  ground.say(`nothing was left at most ${longestMs.toFixed(0)} ms after a kill`);
  db.close();
  tidy();

  /** Runs in doubt are repeated: on a busy machine a tracer may lose events without being killed. */
  async function completed(words, first) {
    let ended = first;
    for (let turn = 0; ended.code === 1 && turn < 3; turn++) {
      repeated++;
      ended = await ground.run([...words, '--only-failed']);
    }
    ground.expect(ended.code === 0, `run ended with ${ended.code}: ${ended.stderr}`);
  }
}

/** Waits until a benchmark of the sweep itself runs; `describe` comes before. */
async function firstRun(pid) {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(3)) {
    if (commandName(pid) === '') return;
    if (startedBy(pid).some((child) => / -B .*2(proc|thread)/.test(commandLine(child)))) return;
  }
}

/**
 * Sweeps whose agent is killed again and again, either of its two processes or both. Each is to come
 * to its end by itself: the run in flight is made again by another agent.
 */
async function killAgent() {
  const cells = 4;
  const trials = 30;
  let killed = 0;
  let rounds = 0;
  const hits = { 'the one that works': 0, 'the one that waits': 0, both: 0 };
  let starting = 0;
  let longestMs = 0;
  while (killed < agents) {
    const name = `agent-${++rounds}`;
    const spec = ground.write(
      'agent.yaml',
      `name: ${name}
benchmark: { bare: true }
matrix: { buffer_size: [4KiB, 64KiB], total_size: 1MiB, mode: [2proc, 2thread] }
trace: { tracer: ${tracer} }
trials: ${trials}
`,
    );
    for (let complete = false; !complete; ) {
      const started = ground.start(['run', spec]);
      let over = false;
      started.ended.then(() => {
        over = true;
      });
      while (!over && killed < agents) {
        // In turn among the runs, and at any instant.
        if (killed % 2 === 0) await Promise.race([started.ended, firstRun(started.pid)]);
        await Promise.race([started.ended, sleep(random() * 800)]);
        const [keeper, agent] = agentsOf(started.pid);
        if (over || agent === undefined) continue;
        const whom = Object.keys(hits)[Math.floor(random() * 3)];
        for (const pid of { 'the one that works': [agent], 'the one that waits': [keeper] }[
          whom
        ] ?? [keeper, agent]) {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {}
        }
        hits[whom]++;
        killed++;
      }
      const { code, stderr } = await started.ended;
      longestMs = Math.max(longestMs, await ground.quiet());
      if (code === 3 && /agent|has gone|link/.test(stderr)) starting++;
      else {
        // On a busy machine a tracer may lose events without being killed.
        const again = code === 1 ? await ground.run(['run', spec, '--only-failed']) : { code };
        ground.expect(again.code === 0, `${name}: run ended with ${code}: ${stderr}`);
        complete = true;
      }
    }
    const db = ground.mustLook();
    checkDatabase(ground, db, `after the agent was killed (${name})`);
    checkSweep(ground, db, name, cells, trials);
    const bad = stateCounts(db, `sweep = '${name}' AND state NOT IN ('completed', 'suspect')`);
    ground.expect(bad === '', `${name}: of runs whose agent was killed are stored: ${bad}`);
    db.close();
  }
  const said = Object.entries(hits).map(([whom, count]) => `${count} ${whom}`);
  ground.say(`${killed} kills of the agent's processes (${said.join(', ')})`);
  ground.say(
    `${rounds} sweeps of ${cells * trials} runs complete, each run once; ` +
      `${starting} times the agent was killed before the first run, exit code 3, and \`run\` went on`,
  );
  ground.say(`nothing was left at most ${longestMs.toFixed(0)} ms after a sweep`);
  // Another agent of this machine removes what killed ones were sent.
  await ground.run(['doctor']);
  tidy();
}

/** One sweep, of more runs than are ever made, whose tracer is killed again and again. */
async function killTracer() {
  const spec = ground.write(
    'tracer.yaml',
    `name: tracer
benchmark: { bare: true }
matrix: { buffer_size: [4KiB, 64KiB], total_size: 4MiB, mode: [2proc, 2thread] }
trace: { tracer: ${tracer} }
trials: ${Math.max(600, 150 * others)}
`,
  );
  let killed = 0;
  let attaching = 0;
  while (killed < others) {
    const started = ground.start(['run', spec]);
    let ended;
    started.ended.then((result) => {
      ended = result;
    });
    await Promise.race([started.ended, firstRun(started.pid)]);
    const hit = new Set();
    while (!ended && killed < others) {
      const pid = startedBy(started.pid).find((child) => commandName(child) === tracer);
      if (pid === undefined || hit.has(pid)) {
        await sleep(5);
        continue;
      }
      await sleep(random() * 3000);
      if (ended || commandName(pid) !== tracer) continue;
      hit.add(pid);
      process.kill(pid, 'SIGKILL');
      killed++;
    }
    if (!ended) started.kill('SIGINT');
    const { code, stderr } = await started.ended;
    if (code === 3 && stderr.includes('did not attach (signal SIGKILL)')) attaching++;
    else ground.expect(code === 130 || code <= 1, `run ended with ${code}: ${stderr}`);
    if (killed < others && code !== 3) throw new Error('the sweep was too short for the kills');
    await ground.quiet();
  }
  const db = ground.mustLook();
  checkDatabase(ground, db, 'after the tracer was killed');
  const lost = db
    .prepare("SELECT count(*) FROM run_overview WHERE sweep = 'tracer' AND state = 'tracer-failed'")
    .pluck()
    .get();
  const other = db
    .prepare(
      `SELECT reason FROM run_overview WHERE sweep = 'tracer' AND state = 'tracer-failed'
       AND reason NOT LIKE '%ended with signal SIGKILL%'`,
    )
    .all();
  ground.expect(other.length === 0, `another reason: ${JSON.stringify(other.slice(0, 3))}`);
  ground.say(`${killed} kills of ${tracer}: ${stateCounts(db, "sweep = 'tracer'")}`);
  ground.say(
    `${lost} runs say that the tracer was killed; ${attaching} times it could not attach, exit code 3, and \`run\` went on`,
  );
  db.close();
  tidy();
}

/** The benchmark's child is killed; the parent sees it, or waits for ever. */
async function killChild(program, count, expected) {
  const name = program === 'bundled' ? 'child-bundled' : 'child-hangs';
  const spec = ground.write(
    `${name}.yaml`,
    `name: ${name}
benchmark: { program: ${program}, bare: true }
matrix: { buffer_size: 4KiB, total_size: 64MiB }
trace: { tracer: ${tracer} }
trials: ${count * 3}
max_failures: 1000
${program === 'bundled' ? '' : 'timeout: 2s'}
`,
  );
  const started = ground.start(['run', spec]);
  /** @type {{ stderr: string }[]} */
  const results = [];
  started.ended.then((result) => results.push(result));
  let killed = 0;
  const hit = new Set();
  while (results.length === 0 && killed < count) {
    const child = startedBy(started.pid)
      .flatMap(childrenOf)
      .find((pid) => /^(ipc-benchmark|hangs-without)/.test(commandName(pid)));
    if (child === undefined || hit.has(child)) {
      await sleep(2);
      continue;
    }
    hit.add(child);
    await sleep(random() * 60);
    try {
      process.kill(child, 'SIGKILL');
      killed++;
    } catch {}
  }
  ground.expect(
    results.length === 0,
    `${name}: the sweep ended after ${killed} kills: ${results[0]?.stderr}`,
  );
  const { code, stderr } = await started.ended;
  ground.expect(code === 1, `${name}: run ended with ${code}: ${stderr}`);
  const db = ground.mustLook();
  checkDatabase(ground, db, name);
  const rows = /** @type {{ state: string, reason: string, n: number }[]} */ (
    db
      .prepare(
        "SELECT state, reason, count(*) AS n FROM run_overview WHERE sweep = ? AND state <> 'completed' GROUP BY 1, 2 ORDER BY 3 DESC",
      )
      .all(name)
  );
  const right = rows.filter(({ state }) => state === expected).reduce((sum, { n }) => sum + n, 0);
  // A child that has written everything may die: nothing is missing then.
  ground.expect(right >= count / 2, `${name}: only ${right} ${expected}: ${JSON.stringify(rows)}`);
  ground.say(`${killed} kills of the child (${name}): ${stateCounts(db, `sweep = '${name}'`)}`);
  for (const { state, reason, n } of rows.slice(0, 4)) ground.say(`  ${n} ${state}: ${reason}`);
  db.close();
  let again = { code: 1 };
  for (let turn = 0; again.code === 1 && turn < 3; turn++) {
    again = await ground.run(['run', spec, '--only-failed']);
  }
  ground.expect(again.code === 0, `${name}: --only-failed ended with ${again.code}`);
  const after = ground.mustLook();
  checkSweep(ground, after, name, 1, count * 3);
  after.close();
  await ground.quiet();
  tidy();
}

function tidy() {
  const left = ground.leftovers();
  ground.expect(left.length === 0, `left behind: ${left.join(', ')}`);
}

function countOf(db, sweep) {
  try {
    return db
      .prepare('SELECT count(DISTINCT cell * 1000 + trial) AS n FROM run_overview WHERE sweep = ?')
      .get(sweep).n;
  } catch {
    return 0;
  }
}
