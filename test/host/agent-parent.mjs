// Uses an agent until it is killed, and says when it is where a test wants it.
// Usage: node agent-parent.mjs HOST FOLDER MODE   (MODE: opening, idle, runs, stubborn, stream, tuned)
import { join } from 'node:path';
import { openHost } from '../../dist/host/agent-host.js';

const [name, folder, mode] = process.argv.slice(2);
const say = (word) => process.stdout.write(`${word}\n`);
const shell = (script) => ({
  words: ['sh', '-c', script],
  environment: { PATH: process.env.PATH ?? '' },
  folder,
  outputLimits: { stdout: 1e6, stderr: 1e6 },
  lingerMs: 60_000,
});
const FOREVER = new Promise((resolve) => setTimeout(resolve, 600_000));

// A test may kill the agent; this goes on until it is killed itself.
process.on('unhandledRejection', () => {});

if (mode === 'opening') say('ready');
const host = await openHost(name, { environment: process.env });
say(`agent ${host.machine.agentPid}`);
if (mode === 'runs') {
  say('ready');
  const script = 'setsid -f sleep 0.01; sleep 300 & kill $!; exit 0';
  while (!host.lost) await host.run(shell(script)).catch(() => {});
}
if (mode === 'stubborn') {
  const run = host.run(
    shell('trap "" TERM; setsid -f sleep 300; sleep 300 & sleep 300; sleep 300'),
  );
  setTimeout(() => say('ready'), 100);
  run.catch(() => {});
}
if (mode === 'stream') {
  const tracer = host.stream(
    shell(
      'trap "sleep 0.2; echo detached >detached; exit 0" TERM; while :; do echo line; sleep 0.01; done',
    ),
  );
  tracer.stdout.once('data', () => say('ready'));
  tracer.stdout.resume();
}
if (mode === 'tuned') {
  for (const setting of ['governor', 'turbo']) {
    const target = join(folder, setting);
    await host.putBackAtEnd({ kind: 'file', target, value: 'as it was' });
    await host.writeSetting(target, 'tuned');
  }
  await host.send('program.d', Buffer.from('x'));
  say('ready');
}
if (mode === 'idle') say('ready');
await FOREVER;
