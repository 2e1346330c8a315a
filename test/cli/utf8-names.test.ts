import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { requireUtf8Names } from '../../src/cli/utf8-names.ts';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

/** A shell makes the bytes: Node cannot pass on what it cannot write. */
function shell(script: string) {
  return spawnSync('sh', ['-c', `byte=$(printf 'caf\\351'); ${script}`, process.execPath, MAIN], {
    ...{ cwd: place.folder, encoding: 'utf8' },
    env: { ...process.env, XDG_CACHE_HOME: place.path('cache') },
  });
}

const entries = () =>
  readdirSync(place.folder, { encoding: 'buffer' }).map((it) => it.toString('hex'));

describe('a name that is not UTF-8', () => {
  it('is refused wherever it occurs, and no file is written for it', () => {
    place.spec('plain', 'answers');
    shell('mkdir "$byte"; cp plain.yaml "$byte"; cp -r programs "$byte"');
    const before = entries();
    for (const [script, said] of [
      ['"$0" "$1" run plain.yaml --results "$byte"', '"caf\ufffd" is not valid UTF-8'],
      ['"$0" "$1" run "$byte/plain.yaml"', 'plain.yaml" is not valid UTF-8'],
      ['"$0" "$1" init "$byte.yaml"', '.yaml" is not valid UTF-8'],
      ['XDG_CACHE_HOME=$PWD/$byte "$0" "$1" doctor', 'the folder in XDG_CACHE_HOME is not'],
      ['cd "$byte" && "$0" "$1" run plain.yaml', 'the name of the working folder is not'],
    ] as const) {
      const { status, stdout, stderr } = shell(script);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(said);
      expect(stderr).toContain('\nhint: ');
    }
    expect(entries()).toEqual(before);
  });

  it('is distinguished from every name that is UTF-8', () => {
    mkdirSync(place.path('café ☃'));
    expect(() => requireUtf8Names(['café', '☃', ''], { HOME: '/é' }, () => '/é')).not.toThrow();
    expect(shell(`cd 'café ☃' && "$0" "$1" init x.yaml`).status).toBe(0);
  });
});
