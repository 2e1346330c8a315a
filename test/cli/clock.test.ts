import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const CLOCK = new URL('../fixtures/jumping-clock.mjs', import.meta.url).href;

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

it('a clock that jumps forward during a sweep uses up nothing of its budget', async () => {
  // The first run of the benchmark sets the clock.
  place.write(
    'programs/sets-clock',
    '#!/bin/sh\ntouch "$(dirname "$0")/jumped"\nexec "$(dirname "$0")/answers" "$@"\n',
  );
  chmodSync(place.path('programs/sets-clock'), 0o755);
  const environment = {
    NODE_OPTIONS: `--import ${CLOCK}`,
    CLOCK_JUMPS_WITH: place.path('programs', 'jumped'),
  };
  const run = (trials: number) => {
    const more = `matrix: { buffer_size: 512, total_size: 4KiB }\ntrials: ${trials}\nbudget: 30m`;
    return place.start(['run', place.spec('clock', 'sets-clock', more)], environment).ended;
  };
  expect((await run(2)).code).toBe(0);
  const jumped = place.query<{ moved: number }>(
    'SELECT unixepoch(ended_at) - unixepoch(started_at) AS moved FROM sweep',
  );
  expect(jumped[0]?.moved).toBeGreaterThan(3000);

  const later = await run(4);
  expect(later.stderr).not.toContain('budget');
  expect(later.code).toBe(0);
  expect(place.query('SELECT state FROM sweep')).toEqual([{ state: 'ended' }]);
  expect(place.query('SELECT run_id FROM run_overview')).toHaveLength(4);
  const [sweep] = place.query<{ active_ms: number }>('SELECT active_ms FROM sweep');
  const runs = place.query<{ active_ms: number }>('SELECT active_ms FROM run ORDER BY id');
  expect(sweep!.active_ms).toBeLessThan(30 * 60_000);
  // Of both starts together.
  expect(runs.at(-1)).toEqual(sweep);
  const times = runs.map((row) => row.active_ms);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
