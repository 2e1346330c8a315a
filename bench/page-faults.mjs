// Do the traced page faults agree with the kernel's software event of the same processes?
//
// Usage: npm run build && sudo node bench/page-faults.mjs [--tracer bpftrace|dtrace] [--runs 400]
//
// The instrument reads counters that the kernel keeps for each thread (min_flt and maj_flt). The
// software event page-faults is another count of the same faults, made fault by fault: a second
// bpftrace counts it for each process from its exec on. It leaves out the faults that the kernel
// takes on its own behalf, for pages that it holds on to. Printed is how far the two are apart for
// each run. Needs bpftrace, `npm run build` and root; it runs both beside each other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { attach, EXECNAME, host, option, printTable, tracedRun, usableTracers } from './runs.mjs';

const BUFFERS = [512, 4096, 16384, 65536, 1024 * 1024];
const MODES = ['2proc', '2thread'];
const runs = Number(option('runs', '400'));
const [usable] = await usableTracers(option('tracer', 'bpftrace'));
if (!usable) {
  await host.close();
  process.exit(3);
}

/** Each thread says at its end: its pid, its parent's, and its faults. */
const EVENTS = `
BEGIN { @faults[0] = (uint64)0; printf("ready\\n"); }
tracepoint:sched:sched_process_exec /comm == "${EXECNAME}"/ { @faults[tid] = (uint64)0; }
software:page-faults:1 /comm == "${EXECNAME}"/ { @faults[tid] = @faults[tid] + 1; }
tracepoint:sched:sched_process_exit /comm == "${EXECNAME}"/
{
	$task = (struct task_struct *)curtask;
	printf("exit %d %d %llu\\n", pid, $task->real_parent->tgid, @faults[tid]);
	@faults[tid] = (uint64)0;
}
`;
const other = spawn('bpftrace', ['-B', 'line', '-e', EVENTS], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
let ready = false;
/** The ends of threads since the run began, as it printed them. */
let ends = [];
let wake = () => {};
let rest = '';
other.stdout.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const [word, ...numbers] = line.split(' ');
    if (word === 'ready') ready = true;
    if (word === 'exit') ends.push(numbers.map(Number));
  }
  wake();
});
const until = async (condition) => {
  while (!condition()) {
    await new Promise((resolve) => {
      wake = resolve;
    });
  }
};

async function oneRun(session, mode, bufferBytes) {
  const cell = { ipc: 'pipe', mode, bufferBytes, totalBytes: 1024 * 1024, socketBuffers: false };
  ends = [];
  const { ended, collected } = await tracedRun(cell, session);
  if (collected.state === 'failed') throw new Error(collected.reason);
  // Other benchmarks may run on this machine; this one has two threads, in one process or two.
  const own = () => ends.filter(([pid, parent]) => pid === ended.pid || parent === ended.pid);
  await until(() => own().length === 2);
  const counted = collected.counts.page_faults.reduce((sum, { count }) => sum + count, 0);
  return { counted, events: own().reduce((sum, [, , faults]) => sum + faults, 0) };
}

await until(() => ready);
const session = await attach(usable.tracer, ['page-faults']);
const rows = [['mode', 'buffer', 'runs', 'faults', 'traced - events: how often']];
try {
  for (const mode of MODES) {
    for (const bufferBytes of BUFFERS) {
      const found = [];
      for (let n = 0; n < runs / (MODES.length * BUFFERS.length); n++) {
        found.push(await oneRun(session, mode, bufferBytes));
      }
      const apart = new Map();
      for (const { counted, events } of found) {
        apart.set(counted - events, (apart.get(counted - events) ?? 0) + 1);
      }
      const counts = found.map(({ counted }) => counted).sort((a, b) => a - b);
      rows.push([
        ...[mode, String(bufferBytes), String(found.length), `${counts[0]}-${counts.at(-1)}`],
        [...apart]
          .sort(([a], [b]) => a - b)
          .map(([far, times]) => `${far}: ${times}`)
          .join(', '),
      ]);
    }
  }
} finally {
  await session.close();
  await host.close();
  other.kill('SIGTERM');
  await once(other, 'exit');
}
console.log(`${usable.tracer.name} ${usable.version}`);
printTable(rows);
