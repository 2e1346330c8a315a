// Changes settings under a guard and ends as it is told.
// Usage: node changing-parent.mjs CACHE END KIND TARGET OLD NEW ...   (END: close, wait, throw)
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { startGuard } from '../../dist/host/guard.js';

const [cache, end, ...words] = process.argv.slice(2);
const guard = await startGuard(cache);
if (!guard.watching) throw new Error('no watcher');
for (let at = 0; at < words.length; at += 4) {
  const [kind, target, value, changed] = words.slice(at, at + 4);
  guard.putBackAtEnd({ kind, target, value });
  if (kind === 'file') writeFileSync(target, changed);
  else execFileSync('sysctl', ['-q', `${target}=${changed}`]);
}
process.stdout.write('changed\n');
if (end === 'close') await guard.close();
if (end === 'throw') throw new Error('on purpose');
if (end === 'wait') setInterval(() => {}, 1000);
