import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const BUNDLED = `name: bundled
benchmark: { bare: true }
trace: { tracer: none }
matrix: { buffer_size: 512, total_size: 1KiB }
trials: 2
`;

/** ipc-sweep under a limit that a shell sets. */
function limited(script: string, environment: NodeJS.ProcessEnv = {}) {
  return spawnSync('bash', ['-c', script, process.execPath, MAIN], {
    ...{ cwd: place.folder, encoding: 'utf8' },
    env: { ...process.env, XDG_CACHE_HOME: place.path('cache'), ...environment },
  });
}

describe('a limit on the size of files', () => {
  it('is named in the message of whatever reaches it, and never ends ipc-sweep silently', () => {
    place.write('bundled.yaml', BUNDLED);
    expect(limited('"$0" "$1" run bundled.yaml').status).toBe(0);
    const ends: number[] = [];
    for (const [at, blocks] of [1, 4, 20, 60, 100, 150, 200, 300].entries()) {
      const { status, signal, stderr } = limited(
        `ulimit -f ${blocks}; "$0" "$1" run bundled.yaml --results results-${at}`,
      );
      expect({ blocks, signal, bug: stderr.includes('bug') }).toEqual({
        ...{ blocks, signal: null, bug: false },
      });
      expect([0, 3]).toContain(status);
      if (status === 3) expect(stderr).toContain('ulimit -f');
      ends.push(status ?? -1);
    }
    expect(ends).toContain(3);
    const compiled = limited('ulimit -f 8; "$0" "$1" run bundled.yaml', {
      XDG_CACHE_HOME: place.path('other'),
    });
    expect(compiled.status).toBe(3);
    expect(compiled.stderr).toMatch(/hint: .*ulimit -f/);
  });
});

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';

describe.skipIf(!isRoot)('ipc-sweep as root on Linux', () => {
  it('names the mount that forbids programs, and what to set, in run and in doctor', () => {
    place.write('bundled.yaml', BUNDLED);
    mkdirSync(place.path('mounted'), { recursive: true });
    // In a mount namespace of its own, so that nothing stays mounted.
    const inside = (words: string) =>
      limited(
        `unshare --mount --propagation private sh -c 'mount -t tmpfs -o noexec tmpfs mounted && exec "$0" "$1" ${words}' "$0" "$1"`,
        { XDG_CACHE_HOME: place.path('mounted', 'cache') },
      );
    const mounted = `${place.path('mounted')} is mounted noexec`;
    for (const words of ['run bundled.yaml', 'doctor']) {
      const { status, stderr } = inside(words);
      expect(stderr).toMatch(/cannot run what it has built: .*\nhint: set XDG_CACHE_HOME/);
      expect(stderr).toContain(mounted);
      expect(status).toBe(3);
    }
  });

  it('reports a full process table as full, and not as a missing compiler', () => {
    place.write('bundled.yaml', BUNDLED);
    // A user of its own, so that its processes alone are counted.
    mkdirSync(place.path('open'), { recursive: true, mode: 0o777 });
    const said: string[] = [];
    for (let most = 6; most < 30 && !said.join('').includes('EAGAIN'); most++) {
      const { stdout, stderr } = limited(
        `chmod -R a+rwX . && setpriv --reuid 61234 --regid 61234 --clear-groups bash -c 'ulimit -u ${most}; exec "$0" "$1" run bundled.yaml --results open/${most}' "$0" "$1"`,
        { XDG_CACHE_HOME: place.path('open', 'cache'), HOME: place.path('open') },
      );
      said.push(stdout + stderr);
    }
    expect(said.join('\n')).not.toContain('no C compiler');
    expect(said.at(-1)).toMatch(/EAGAIN.*allow more of them \(ulimit -u/s);
  });
});
