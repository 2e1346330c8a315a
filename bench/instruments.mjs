// What does each instrument alone do to the benchmark that it watches?
//
// Usage: npm run build && sudo npm run bench:instruments -- [--tracer bpftrace|dtrace] [--turns 12]
//        [--runs 5] [--total 16777216] [--of wall|cpu]
//
// Wall time of a traced run over that of an untraced one, from the benchmark's exec to its end; on a
// machine that does other things at the same time, CPU time says more: what tracing adds in the
// benchmark's own path is charged to the benchmark, and waiting for the processor is not. In
// each turn every instrument has its own session, and right before or after it as many untraced runs
// of the same cells; a turn gives one ratio, of the medians of its runs. Printed is the estimate from
// all turns with its 95 % interval (Hodges and Lehmann). io-sizes is in every session, because the
// checks need it: its line is what tracing costs at least, and the others have it in them.
// Needs `npm run build`, and what the tracer needs: mostly root.
import {
  attach,
  host,
  instrumentsOf,
  median,
  option,
  printTable,
  tracedRun,
  usableTracers,
} from './runs.mjs';

const { pairedRatio } = await import('../dist/analyse/paired-ratio.js');
const { formatSize } = await import('../dist/experiment/sizes.js');

const BUFFERS = [512, 16 * 1024, 1024 * 1024];
const turns = Number(option('turns', '12'));
const runs = Number(option('runs', '5'));
const of = option('of', 'wall');
const totalBytes = Number(option('total', String(16 * 1024 * 1024)));
const [usable] = await usableTracers(option('tracer', undefined));
if (!usable) {
  await host.close();
  process.exit(3);
}

const timeOf = ({ wallNs, use }) => (of === 'cpu' ? use.userNs + use.systemNs : wallNs);

/** @returns the median time for each buffer size, in ns */
async function block(session) {
  const times = BUFFERS.map(() => []);
  for (let n = 0; n < runs; n++) {
    for (const [at, bufferBytes] of BUFFERS.entries()) {
      const cell = { ipc: 'pipe', mode: '2proc', bufferBytes, totalBytes, socketBuffers: false };
      const { ended, collected } = await tracedRun(cell, session);
      if (collected?.state === 'failed') throw new Error(collected.reason);
      times[at].push(timeOf(ended));
    }
  }
  return times.map(median);
}

async function tracedBlock(instruments) {
  const session = await attach(usable.tracer, instruments);
  try {
    return await block(session);
  } finally {
    await session.close();
  }
}

const all = instrumentsOf(usable.tracer);
const questions = [
  ...['io-sizes', ...all.filter((name) => name !== 'io-sizes')].map((name) => ({
    name,
    instruments: [name],
  })),
  { name: 'all of them', instruments: all },
];
const pairs = questions.map(() => BUFFERS.map(() => []));
try {
  for (let turn = 0; turn < turns; turn++) {
    for (const step of questions.keys()) {
      const which = (step + turn) % questions.length;
      const before = turn % 2 === 0 ? await block() : undefined;
      const traced = await tracedBlock(questions[which].instruments);
      const untraced = before ?? (await block());
      for (const at of BUFFERS.keys()) pairs[which][at].push({ a: untraced[at], b: traced[at] });
    }
  }
} finally {
  await host.close();
}

const shown = (some) => {
  const estimate = pairedRatio(some);
  const factor = (value) => value.toFixed(2);
  return estimate === undefined
    ? factor(median(some.map(({ a, b }) => b / a)))
    : `${factor(estimate.ratio)} (${factor(estimate.low)}-${factor(estimate.high)})`;
};
const untraced = BUFFERS.map((_, at) =>
  median(pairs.flatMap((each) => each[at].map(({ a }) => a))),
);
console.log(
  `${usable.tracer.name} ${usable.version}: traced / untraced ${of} time of ${formatSize(totalBytes)}, ${turns} turns of ${runs} runs`,
);
printTable([
  ['instrument', ...BUFFERS.map((bytes) => formatSize(bytes))],
  ...questions.map(({ name }, at) => [name, ...pairs[at].map(shown)]),
  ['untraced, ms', ...untraced.map((ns) => (ns / 1e6).toFixed(1))],
]);
