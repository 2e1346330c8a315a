// What a run costs through an agent, beside the same command started by hyperfine -N where there is one.
// Usage: node bench/agent-cost.mjs [RUNS] [COMMAND ARGUMENT ...]   (after npm run build)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../dist/host/agent-host.js';

const [runs = '500', ...words] = process.argv.slice(2);
const command = words.length > 0 ? words : ['/bin/true'];
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-agent-cost-'));
const host = await openHost('local', { environment: process.env });
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function throughAgent() {
  const all = [];
  for (let i = 0; i < Number(runs); i += 1) {
    const begin = performance.now();
    const { end } = await host.run({
      words: command,
      environment: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
      deadlineMs: 10_000,
      outputLimits: { stdout: 8 * 1024 * 1024, stderr: 1024 * 1024 },
      lingerMs: 1000,
    });
    if (end.kind !== 'exited' || end.exitCode !== 0) throw new Error(JSON.stringify(end));
    all.push(performance.now() - begin);
  }
  return median(all);
}

/** Undefined where there is no hyperfine. */
function hyperfine() {
  const file = join(folder, 'result.json');
  try {
    execFileSync(
      'hyperfine',
      ['-N', '-w', '10', '--runs', runs, '--export-json', file, command.join(' ')],
      { stdio: 'ignore', env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' } },
    );
    return JSON.parse(readFileSync(file, 'utf8')).results[0].median * 1000;
  } catch {
    return undefined;
  }
}

await throughAgent();
const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) {
  rounds.push({ agent: await throughAgent(), hyperfine: hyperfine() });
}
await host.close();
rmSync(folder, { recursive: true, force: true });
const agentMs = median(rounds.map(({ agent }) => agent));
const hyperfineMs = median(rounds.map(({ hyperfine }) => hyperfine ?? Number.NaN));
console.log(`${command.join(' ')}: medians of ${runs} runs, ${ROUNDS} rounds in turns`);
console.log(`through the agent  ${agentMs.toFixed(3)} ms a run`);
console.log(`hyperfine -N       ${hyperfineMs.toFixed(3)} ms a run`);
console.log(`ratio              ${(agentMs / hyperfineMs).toFixed(2)}`);
