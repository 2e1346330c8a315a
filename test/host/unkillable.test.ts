import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makePlace } from './agents.ts';

const place = makePlace('unkillable');
afterAll(async () => {
  await place.closeAll();
  place.remove();
});

const withoutRoot =
  process.platform === 'linux' && process.getuid?.() === 0 ? '' : '(needs root on Linux)';

describe.skipIf(withoutRoot)(`an agent that may not kill its command ${withoutRoot}`, () => {
  it('gives it up, and does not take it for what later commands have left', async () => {
    const bin = join(place.folder, 'bin');
    mkdirSync(bin);
    const shell = 'exec setpriv --bounding-set -kill /bin/sh "$@"';
    writeFileSync(join(bin, 'sh'), `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
    const host = await place.open({ PATH: `${bin}:${place.environment.PATH}` });

    const words = ['setpriv', '--reuid=65534', '--clear-groups', 'sleep', '15'];
    const stuck = await host.run(place.command(words, { deadlineMs: 300 }));
    expect(stuck.end.kind).toBe('timed-out');
    expect(stuck.left.remaining).toBe(1);
    expect(place.processes().join()).toContain('sleep 15');

    const next = await host.run(place.shell('exit 0'));
    expect(next).toMatchObject({
      end: { kind: 'exited', exitCode: 0 },
      left: { seen: 0, killed: 0, remaining: 0 },
    });
    await host.close();
    await expect.poll(() => place.processes()).toEqual([]);
  });
});
