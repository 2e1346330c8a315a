// Starts commands through a guard until it is killed, and says what it has started.
// Usage: node guarded-parent.mjs CACHE MODE   (MODE: steady, churn, release, close)
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { startGuard } from '../../dist/host/guard.js';

const [cache, mode] = process.argv.slice(2);
const guard = await startGuard(cache);
if (!guard.watching) throw new Error('no watcher');

function start(...command) {
  const { words, descriptors } = guard.wrap(command);
  const child = execa(words[0], words.slice(1), {
    detached: true,
    reject: false,
    stdio: ['ignore', 'ignore', 'ignore', ...descriptors],
  });
  process.stdout.write(`${child.pid}\n`);
  return child;
}

if (mode === 'churn') {
  process.stdout.write('ready\n');
  for (;;) {
    start('sleep', '300');
    await sleep(1);
  }
}
// A command with a child of its own, and one that would rather not end.
const children = [
  start('sh', '-c', 'sleep 300 & wait'),
  start('sh', '-c', 'trap "" TERM HUP INT; while :; do sleep 300; done'),
];
// When the commands are what they are called.
for (const { pid } of children) {
  while (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'sh\n') await sleep(2);
}
if (mode === 'release') for (const { pid } of children) guard.release(pid);
if (mode === 'close') await guard.close();
process.stdout.write('ready\n');
setInterval(() => {}, 1000);
