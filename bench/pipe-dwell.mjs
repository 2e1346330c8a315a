// In which states do calls find the pipe, and how long is it in each? And do the times add up?
//
// Usage: node bench/pipe-dwell.mjs [--tracer bpftrace|dtrace] [--runs 30] [--load 0]
//
// Makes bare runs of 1 MiB in one session, with pipe-states and pipe-dwell, over five buffer sizes
// and both modes, in turns. Prints, in percent, in which states reads found the pipe and which part
// of the time it was in each, how much of the time was between two looks that found different states,
// and how many runs were exact or suspect. --load N keeps processor 0 busy
// with N processes, because that is where the benchmark runs. Exits with 1 when the times of a run
// do not add up and nobody doubted it.
// Needs `npm run build`, and what the tracer needs: mostly root.
import { spawn } from 'node:child_process';
import { attach, host, load, option, printTable, tracedRun, usableTracers } from './runs.mjs';

const { checkConservation } = await load('trace/check.js');
const { dwellShares } = await load('analyse/dwell-shares.js');

const BUFFERS = [512, 4096, 16384, 65536, 1048576];
const TOTAL_BYTES = 1048576;
const INSTRUMENTS = ['pipe-states', 'pipe-dwell', 'io-sizes'];
/** How full the pipe is, by a bit of its state: on Linux, and as pipe-dwell notes it on FreeBSD. */
/** @type {[name: string, bits: number][]} */
const FULLNESS = [
  ['EMPTY', 0x10001],
  ['PARTIAL', 0x40004],
  ['FULL', 0x20002],
];

const runs = Number(option('runs', '30'));
const busy = Array.from({ length: Number(option('load', '0')) }, () =>
  spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' }),
);
process.on('exit', () => {
  for (const one of busy) one.kill();
});
const [usable] = await usableTracers(option('tracer', undefined));
if (!usable) {
  await host.close();
  process.exit(3);
}
const { tracer, version } = usable;
const cells = ['2proc', '2thread'].flatMap((mode) =>
  BUFFERS.map((bufferBytes) => ({
    ...{ ipc: 'pipe', mode, bufferBytes, totalBytes: TOTAL_BYTES, socketBuffers: false },
  })),
);
const found = cells.map(() => ({ reads: new Map(), rows: [], exact: 0, suspect: 0, wrong: 0 }));
const session = await attach(tracer, INSTRUMENTS);
try {
  for (let run = 0; run < runs; run++) {
    for (const [at, cell] of cells.entries()) {
      const { collected } = await tracedRun(cell, session);
      if (collected.state === 'failed') throw new Error(collected.reason);
      judge(found[at], { cell, run, collected });
    }
  }
} finally {
  await session.close();
  await host.close();
}

function judge(into, { cell, run, collected: { counts, doubts } }) {
  const expected = { cell, iterations: 1, instruments: INSTRUMENTS, events: false };
  const suspect = [...doubts, ...checkConservation(counts, expected)].filter(
    (doubt) => doubt.suspect,
  );
  const total = (rows) => rows.reduce((sum, { count }) => sum + count, 0);
  const right =
    counts.pipe_spans.length === 1 && total(counts.pipe_dwell) === total(counts.pipe_spans);
  into[suspect.length > 0 ? 'suspect' : right ? 'exact' : 'wrong']++;
  for (const { code, message } of suspect) {
    console.log(`${cell.mode} ${cell.bufferBytes} run ${run + 1}: ${code}: ${message}`);
  }
  for (const { operation, state, count } of counts.pipe_states) {
    if (operation === 'read') into.reads.set(state, (into.reads.get(state) ?? 0) + count);
  }
  into.rows.push(
    ...counts.pipe_dwell.map(({ state, next_state, count }) => ({
      ...{ cell: 1, state, next_state, ns: count },
    })),
  );
}

const percent = (share) => (share * 100).toFixed(1);
const busyWith = busy.length === 0 ? '' : `, ${busy.length} busy processes on processor 0`;
console.log(`\n${tracer.name} ${version}: ${runs} runs of 1 MiB for each line${busyWith}`);
printTable([
  [
    ...['mode', 'buffer', 'exact', 'suspect', 'wrong'],
    ...FULLNESS.map(([name]) => `reads ${name}`),
    ...FULLNESS.map(([name]) => `time ${name}`),
    'changing',
  ],
  ...cells.map(({ mode, bufferBytes }, at) => {
    const { reads, rows, exact, suspect, wrong } = found[at];
    const calls = [...reads.values()].reduce((sum, count) => sum + count, 0);
    const [times] = dwellShares(rows);
    return [
      ...[mode, bufferBytes, exact, suspect, wrong].map(String),
      ...FULLNESS.map(([, bits]) =>
        percent(
          [...reads].reduce((sum, [state, count]) => sum + (state & bits ? count : 0), 0) / calls,
        ),
      ),
      ...FULLNESS.map(([, bits]) =>
        percent(
          times.states.reduce((sum, { state, share }) => sum + (state & bits ? share : 0), 0),
        ),
      ),
      percent(times.changing),
    ];
  }),
]);
const sum = (state) => found.reduce((all, one) => all + one[state], 0);
console.log(`${sum('exact')} exact, ${sum('suspect')} suspect, ${sum('wrong')} wrong`);
process.exit(sum('wrong') > 0 ? 1 : 0);
