// Do the traced context switches agree with what getrusage(2) says of the same processes?
//
// Usage: node bench/context-switches.mjs [--tracer bpftrace|dtrace] [--runs 400]
//
// Makes traced runs over a pipe, in both modes, with -g, and prints how far the traced switches are
// from the benchmark's own count of its sample. That count leaves out what lies before and after the
// sample (start-up, output, the end of the root), so the traced ones must never be fewer. On Linux
// getrusage also leaves out the switch with which a second thread ends.
// Needs `npm run build`, and what the tracer needs: mostly root.
import { attach, host, option, printTable, tracedRun, usableTracers } from './runs.mjs';

const BUFFERS = [512, 4096, 65536];
const runs = Number(option('runs', '400'));
const [usable] = await usableTracers(option('tracer', undefined));
if (!usable) {
  await host.close();
  process.exit(3);
}

async function oneRun(session, mode, bufferBytes) {
  const cell = { ipc: 'pipe', mode, bufferBytes, totalBytes: 1024 * 1024, socketBuffers: false };
  const { ended, collected } = await tracedRun(cell, session, { rusage: true });
  if (collected.state === 'failed') throw new Error(collected.reason);
  const [sample] = JSON.parse(ended.stdout).benchmark_samples;
  const traced = (wanted) =>
    collected.counts.context_switches
      .filter(({ kind }) => kind === wanted)
      .reduce((sum, { count }) => sum + count, 0);
  return {
    voluntary: traced('voluntary') - sample.nvcsw,
    involuntary: traced('involuntary') - sample.nivcsw,
  };
}

const session = await attach(usable.tracer, ['context-switches']);
const rows = [['mode', 'kind', 'runs', 'traced - getrusage: how often']];
try {
  for (const mode of ['2proc', '2thread']) {
    const differences = [];
    for (let n = 0; n < runs / 2; n++) {
      differences.push(await oneRun(session, mode, BUFFERS[n % BUFFERS.length]));
    }
    for (const kind of ['voluntary', 'involuntary']) {
      const seen = new Map();
      for (const { [kind]: far } of differences) seen.set(far, (seen.get(far) ?? 0) + 1);
      const sorted = [...seen].sort(([a], [b]) => a - b);
      const shown = sorted.map(([far, times]) => `${far}: ${times}`).join(', ');
      rows.push([mode, kind, String(differences.length), shown]);
    }
  }
} finally {
  await session.close();
  await host.close();
}
console.log(`${usable.tracer.name} ${usable.version}`);
printTable(rows);
