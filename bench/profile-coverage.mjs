// How much of the processor time of a run does the instrument profile see, and how much of that is
// tracing itself?
//
// Usage: node bench/profile-coverage.mjs [--tracer bpftrace|dtrace] [--seconds 5]
//
// Makes traced runs over a pipe at each buffer size, with the instrument alone (io-sizes is always
// there) and beside the default ones, until they have used so many seconds of processor time. Prints
// that time by wait4(2), the samples, how much time they stand for (997 a second), and the share of
// the samples that the kernel spent on tracing.
// Needs `npm run build`, and what the tracer needs: mostly root.
import { attach, host, option, printTable, tracedRun, usableTracers } from './runs.mjs';

const { SAMPLES_PER_S } = await import('../dist/instruments/profile/instrument.js');
const { isTracing } = await import('../dist/instruments/profile/stack-text.js');

const SETS = {
  alone: ['profile'],
  'with the default ones': ['syscalls', 'pipe-states', 'profile'],
};
const BUFFERS = [512, 4096, 65536, 1024 * 1024];
const TOTAL_BYTES = 64 * 1024 * 1024;
const wantedNs = Number(option('seconds', '5')) * 1e9;
const [usable] = await usableTracers(option('tracer', undefined));
if (!usable) {
  await host.close();
  process.exit(3);
}

const sum = (rows) => rows.reduce((all, { count }) => all + count, 0);
const percent = (share) => `${Math.round(100 * share)} %`;

async function coverage(session, bufferBytes) {
  const cell = { ipc: 'pipe', mode: '2proc', bufferBytes, socketBuffers: false };
  const found = { runs: 0, usedNs: 0, samples: 0, tracing: 0 };
  while (found.usedNs < wantedNs) {
    const { ended, collected } = await tracedRun({ ...cell, totalBytes: TOTAL_BYTES }, session);
    if (collected.state === 'failed') throw new Error(collected.reason);
    const { profile } = collected.counts;
    found.runs++;
    found.usedNs += ended.use.userNs + ended.use.systemNs;
    found.samples += sum(profile);
    found.tracing += sum(profile.filter(({ stack }) => isTracing(stack)));
  }
  return found;
}

const rows = [['instruments', 'buffer', 'runs', 'used, s', 'samples', 'seen', 'of it tracing']];
for (const [name, instruments] of Object.entries(SETS)) {
  const session = await attach(usable.tracer, instruments);
  try {
    for (const bufferBytes of BUFFERS) {
      const { runs, usedNs, samples, tracing } = await coverage(session, bufferBytes);
      const seen = percent(samples / SAMPLES_PER_S / (usedNs / 1e9));
      const used = (usedNs / 1e9).toFixed(1);
      const own = percent(samples === 0 ? 0 : tracing / samples);
      rows.push([name, String(bufferBytes), String(runs), used, String(samples), seen, own]);
    }
  } finally {
    await session.close();
  }
}
await host.close();
console.log(`${usable.tracer.name} ${usable.version}`);
printTable(rows);
