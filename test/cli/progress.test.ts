import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { RunResult } from '../../src/execute/outcome.ts';
import { exampleResult } from '../store/example-sweep.ts';
import { plainScreen } from './screens.ts';

/** A terminal that notes what is written and when, and a clock that is set by hand. */
function watched(interactive: boolean) {
  const clock = { ms: 0 };
  const written: { at: number; text: string }[] = [];
  const note = (text: string) => {
    written.push({ at: clock.ms, text });
  };
  const live = (text: string) => {
    if (text !== '') note(`~${text}`);
  };
  const terminal: Terminal = { ...plainScreen(80), out: note, talk: note, live, interactive };
  return { clock, written, progress: new Progress(terminal, () => clock.ms) };
}

const good = exampleResult(1);
const failed: RunResult = { ...good, outcome: { state: 'failed', reason: 'exit\x1b[2J code 1' } };

describe('progress', () => {
  it.each([true, false])(
    'writes at most once a second while runs are made (interactive: %s)',
    (interactive) => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ ms: fc.integer({ min: 1, max: 1500 }), well: fc.boolean() }), {
            minLength: 1,
            maxLength: 60,
          }),
          (runs) => {
            const { clock, written, progress } = watched(interactive);
            progress.more(runs.length);
            for (const { ms, well } of runs) {
              progress.starting(good.planned);
              clock.ms += ms;
              progress.ended(well ? good : failed);
            }
            const pauses = written.slice(1).map(({ at }, before) => at - written[before]!.at);
            for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(1000);
            progress.finish();
            const failures = runs.filter(({ well }) => !well).length;
            const said = written.map(({ text }) => text).join('\n');
            expect(said.split('failed pipe').length - 1).toBe(Math.min(10, failures));
            expect(said.includes('only counted')).toBe(failures >= 10);
          },
        ),
      );
    },
  );

  it('shows a changing line each second on a terminal: done, rate and time left', () => {
    const { clock, written, progress } = watched(true);
    progress.more(40);
    for (let run = 0; run < 20; run++) {
      progress.starting(good.planned);
      clock.ms += 250;
      progress.ended(good);
    }
    expect(written.map(({ at }) => at)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(written.at(-1)?.text).toBe(
      '~16/40 runs  pipe 2proc 512 B of 1 KiB, trial 1  4.0/s, 6.0 s left',
    );
  });

  it('writes a plain line now and then elsewhere', () => {
    const { clock, written, progress } = watched(false);
    progress.more(100);
    for (let run = 0; run < 100; run++) {
      progress.starting(good.planned);
      clock.ms += 250;
      progress.ended(good);
    }
    expect(written.map(({ at }) => at)).toEqual([10_000, 20_000]);
    expect(written[0]?.text).toMatch(/^40\/100 runs /);
  });

  it('lets no control character of a reason through, and holds back no answer to the user', () => {
    const { written, progress } = watched(true);
    progress.more(2);
    progress.starting(good.planned);
    progress.ended(failed);
    expect(written).toHaveLength(1);
    progress.say('finishing the run in flight');
    expect(written.at(-1)?.text).toBe(
      'failed pipe 2proc 512 B of 1 KiB, trial 1: exit [2J code 1\nfinishing the run in flight',
    );
  });
});
