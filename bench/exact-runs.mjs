// Are the counts of every run of a long session exact?
//
// Usage: node bench/exact-runs.mjs [--tracer bpftrace|dtrace] [--runs 500]
//        [--instruments all|NAME,NAME]
//
// Makes traced runs one after the other in one session, over five buffer sizes, 1 MiB each, with the
// default instruments unless others are named, and prints how many were exact, how many were marked suspect, and how long a run took in all. Exits
// with 1 when a run was wrong and nobody doubted it.
// Needs `npm run build`, and what the tracer needs: mostly root.
import { BUFFERS, host, median, oneRun, open, option, usableTracers } from './runs.mjs';

const runs = Number(option('runs', '500'));
const [usable] = await usableTracers(option('tracer', undefined));
if (!usable) {
  await host.close();
  process.exit(3);
}
const { session: opening, instruments } = open(usable.tracer, option('instruments', undefined));
const session = await opening;
const results = [];
try {
  for (let n = 0; n < runs; n++) {
    const result = await oneRun(BUFFERS[n % BUFFERS.length], session, instruments);
    results.push(result);
    const { state, doubts } = result;
    if (state !== 'exact') console.log(`run ${n + 1}: ${state} ${doubts.join('; ')}`);
    if (state === 'failed') break;
  }
} finally {
  await session.close();
  await host.close();
}
const number = (state) => results.filter((result) => result.state === state).length;
const times = results.map(({ ms }) => ms).sort((a, b) => a - b);
const at = (share) =>
  times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
console.log(
  `${usable.tracer.name} ${usable.version}: ${results.length} runs in one session, ` +
    `${number('exact')} exact, ${number('suspect')} suspect, ${number('failed')} failed, ` +
    `${number('wrong')} wrong`,
);
console.log(`ms per run: median ${median(times).toFixed(1)}, 5% ${at(0.05)}, 95% ${at(0.95)}`);
process.exitCode = number('wrong') > 0 ? 1 : 0;
