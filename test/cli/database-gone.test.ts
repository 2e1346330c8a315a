import { existsSync, renameSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

let place: Workplace;
afterEach(async () => {
  await expect.poll(() => place.processes()).toEqual([]);
  place.remove();
});

/** Starts ten runs and waits in the middle of the third, which goes on when it is let go. */
async function begun() {
  place = new Workplace();
  place.write('programs/answers.hold-at', '3');
  place.write('programs/answers.log', '');
  const spec = place.spec('gone', 'answers', 'matrix: { buffer_size: 512 }\ntrials: 10');
  const started = place.start(['run', spec]);
  await place.until(() => existsSync(place.path('programs/answers.held')));
  return { spec, started };
}

const letGo = () => rmSync(place.path('programs/answers.hold-at'));

describe('a database that goes away while a sweep runs', () => {
  it('is saved again in its place when it was deleted, and `run` goes on from there', async () => {
    const { spec, started } = await begun();
    rmSync(place.path('results'), { recursive: true });
    letGo();
    const { code, stderr } = await started.ended;
    expect(code).toBe(3);
    expect(stderr).toContain(
      'the database results/ipc-sweep.db was deleted during the sweep; what was stored is saved in results/ipc-sweep.db\nhint: `run` again goes on from there\n',
    );
    const kept = place.query<{ trial: number }>('SELECT trial FROM run');
    expect(kept.length).toBeGreaterThanOrEqual(3);
    const again = await place.run('run', spec);
    expect(again.stderr).toContain(`continuing sweep gone-1: ${kept.length} of 10 runs are done`);
    expect(again.code).toBe(0);
    expect(place.query('SELECT DISTINCT trial FROM run')).toHaveLength(10);
  });

  it('is saved beside what has taken its place, which stays as it is', async () => {
    const { started } = await begun();
    place.write('other', 'something else');
    renameSync(place.path('other'), place.path('results/ipc-sweep.db'));
    letGo();
    const { code, stderr } = await started.ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/replaced by another file .* saved in results\/ipc-sweep\.db\.saved\n/);
    expect(place.read('results/ipc-sweep.db')).toBe('something else');
    const kept = place.query('SELECT state FROM run', 'results/ipc-sweep.db.saved');
    expect(kept.length).toBeGreaterThanOrEqual(3);
  });
});
