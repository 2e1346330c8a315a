// What does a trace session cost each run?
//
// Usage: node bench/session-cost.mjs [--tracer dtrace|bpftrace|strace] [--pairs 100]
//
// Wall time of a traced run, from its start until its counts are there, minus that of an untraced
// run. A benchmark beside an attached session would be traced too, so pairs are made in blocks of
// five: a session is attached, its runs are made, it is closed, and the untraced runs of the same
// cells are made; every second block the other way round. Attaching is not in the figures.
// Needs `npm run build`, and what the tracers need: mostly root.
import { BUFFERS, host, median, oneRun, open, option, printTable, usableTracers } from './runs.mjs';

const PER_BLOCK = 5;
const blocks = Math.ceil(Number(option('pairs', '100')) / PER_BLOCK);
const tracers = await usableTracers(option('tracer', undefined));
if (tracers.length === 0) process.exitCode = 3;

async function block(session, instruments) {
  const times = [];
  for (let n = 0; n < PER_BLOCK; n++) {
    for (const bufferBytes of BUFFERS) {
      times.push((await oneRun(bufferBytes, session, instruments)).ms);
    }
  }
  return times;
}

async function tracedBlock(tracer) {
  const { session: opening, instruments } = open(tracer);
  const session = await opening;
  try {
    await oneRun(BUFFERS[0], session, instruments);
    return await block(session, instruments);
  } finally {
    await session.close();
  }
}

async function untracedBlock() {
  await oneRun(BUFFERS[0], undefined);
  return block(undefined);
}

for (const { tracer, version } of tracers) {
  const pairs = [];
  for (let n = 0; n < blocks; n++) {
    const before = n % 2 === 1 ? await untracedBlock() : undefined;
    const traced = await tracedBlock(tracer);
    const untraced = before ?? (await untracedBlock());
    traced.forEach((ms, at) => {
      pairs.push({ bufferBytes: BUFFERS[at % BUFFERS.length], traced: ms, untraced: untraced[at] });
    });
  }
  const line = (name, some) => [
    name,
    String(some.length),
    median(some.map(({ untraced }) => untraced)).toFixed(1),
    median(some.map(({ traced }) => traced)).toFixed(1),
    median(some.map(({ traced, untraced }) => traced - untraced)).toFixed(1),
  ];
  console.log(`\n${tracer.name} ${version}: medians in ms`);
  printTable([
    ['buffer', 'pairs', 'untraced', 'traced', 'cost'],
    ...BUFFERS.map((bufferBytes) =>
      line(
        String(bufferBytes),
        pairs.filter((pair) => pair.bufferBytes === bufferBytes),
      ),
    ),
    line('all', pairs),
  ]);
}
await host.close();
