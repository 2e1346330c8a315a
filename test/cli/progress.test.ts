import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlight } from '../../src/cli/in-flight.ts';
import { Progress } from '../../src/cli/progress.ts';
import { finishing } from '../../src/cli/signals.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { RunResult } from '../../src/execute/outcome.ts';
import type { Retries } from '../../src/experiment/retry.ts';
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
  return { clock, written, progress: new Progress(terminal, () => clock.ms, RETRIES) };
}

const RETRIES: Retries = {
  suspect: 2,
  'tracer-failed': 1,
  failed: 0,
  signalled: 0,
  'timed-out': 0,
  'output-unreadable': 1,
};

/** An estimate that nothing depends on. */
const LEFT = () => ({ seconds: 12.3, atLeast: false });

const good = exampleResult(1);
const failed: RunResult = { ...good, outcome: { state: 'failed', reason: 'exit\x1b[2J code 1' } };
/** The same result of another run. */
const nth = (result: RunResult, trial: number): RunResult => ({
  ...result,
  planned: { ...result.planned, trial },
});

describe('progress', () => {
  it.each([true, false])(
    'is written at most once a second while runs are made (interactive: %s)',
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
            for (const [trial, { ms, well }] of runs.entries()) {
              const result = nth(well ? good : failed, trial);
              progress.starting(result.planned, LEFT);
              clock.ms += ms;
              progress.ended(result);
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

  it('is a changing line each second on a terminal, with runs done, rate and time left', () => {
    const { clock, written, progress } = watched(true);
    progress.more(40);
    for (let run = 0; run < 20; run++) {
      const result = nth(good, run);
      progress.starting(result.planned, LEFT);
      clock.ms += 250;
      progress.ended(result);
    }
    expect(written.map(({ at }) => at)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(written.at(-1)?.text).toBe(
      '~16/40 runs  pipe 2proc 512 B of 1 KiB, trial 16  4.0/s, about 12.3 s left',
    );
  });

  it('is a plain line now and then elsewhere', () => {
    const { clock, written, progress } = watched(false);
    progress.more(100);
    for (let run = 0; run < 100; run++) {
      const result = nth(good, run);
      progress.starting(result.planned, LEFT);
      clock.ms += 250;
      progress.ended(result);
    }
    expect(written.map(({ at }) => at)).toEqual([10_000, 20_000]);
    expect(written[0]?.text).toMatch(/^40\/100 runs /);
  });

  it('removes the control characters of a reason, and does not delay an answer to the user', () => {
    const { written, progress } = watched(true);
    progress.more(2);
    progress.starting(good.planned, LEFT);
    progress.ended(failed);
    expect(written).toHaveLength(1);
    progress.say('finishing the run in flight');
    expect(written.at(-1)?.text).toBe(
      'failed pipe 2proc 512 B of 1 KiB, trial 1: exit [2J code 1\nfinishing the run in flight',
    );
  });

  it('counts a run once, however many attempts it takes, and no negative time', () => {
    const attempt = fc.record({
      attempts: fc.integer({ min: 1, max: 3 }),
      well: fc.boolean(),
      ms: fc.integer({ min: 1, max: 3000 }),
    });
    fc.assert(
      fc.property(
        fc.array(attempt, { minLength: 1, maxLength: 30 }),
        fc.nat({ max: 30 }),
        (runs, announced) => {
          const { clock, written, progress } = watched(true);
          // More may be made than were announced.
          progress.more(Math.min(announced, runs.length));
          let bad = 0;
          for (const [trial, { attempts, well, ms }] of runs.entries()) {
            for (let number = 1; number <= attempts; number++) {
              const last = number === attempts && well;
              const result = { ...nth(last ? good : failed, trial), attempt: number };
              progress.starting(result.planned, LEFT);
              clock.ms += ms;
              progress.ended(result);
            }
            if (!well) bad++;
          }
          clock.ms += 5000;
          progress.starting(nth(good, runs.length).planned, LEFT);
          clock.ms += 5000;
          progress.starting(nth(good, runs.length).planned, LEFT);
          for (const { text } of written) {
            expect(text).not.toMatch(/, -/);
            const [, ended, total] = /^~(\d+)\/(\d+) runs/.exec(text) ?? ['', '0', '0'];
            expect(Number(ended)).toBeLessThanOrEqual(Number(total));
          }
          const shown = written.at(-1)?.text ?? '';
          expect(shown).toMatch(new RegExp(`^~${runs.length}/`));
          expect(/, (\d+) not good$/.exec(shown)?.[1] ?? '0').toBe(String(bad));
        },
      ),
    );
  });

  it('counts the rate from the start of the first run, and not from when the tracer was attached', () => {
    const { clock, written, progress } = watched(true);
    progress.more(10);
    clock.ms += 30_000;
    for (let run = 0; run < 5; run++) {
      progress.starting(nth(good, run).planned, LEFT);
      clock.ms += 2000;
      progress.ended(nth(good, run));
    }
    progress.starting(nth(good, 5).planned, () => ({ seconds: 190, atLeast: true }));
    expect(written.at(-1)?.text).toContain('5/10 runs');
    expect(written.at(-1)?.text).toContain('0.5/s, at least 3 min 10 s left');
  });

  it('says which attempt has failed and how many a run gets, also for a run begun in an earlier start', () => {
    const { written, progress } = watched(true);
    const suspect = (attempt: number, trial: number): RunResult => ({
      ...nth(good, trial),
      attempt,
      outcome: { state: 'suspect', samples: [] },
      doubts: [{ code: 'x', message: 'why', suspect: true }],
    });
    for (const result of [
      suspect(1, 1),
      suspect(2, 1),
      suspect(3, 1),
      suspect(4, 2),
      nth(failed, 3),
    ]) {
      progress.starting(result.planned, LEFT);
      progress.ended(result);
    }
    progress.finish();
    const said = written.map(({ text }) => text).join('\n');
    for (const line of [
      'trial 1, attempt 1 of 3: why',
      'trial 1, attempt 2 of 3: why',
      'trial 1, attempt 3 of 3: why',
      'trial 2, attempt 4 of 6: why',
      'trial 3: exit',
    ]) {
      expect(said).toContain(line);
    }
  });

  it('keeps the line about a failure short, whatever the benchmark or the tracer has printed', () => {
    const { written, progress } = watched(true);
    const doubts = Array.from({ length: 38 }, (_, at) => ({
      code: 'x',
      message: `doubt ${at} ${'!'.repeat(40)}`,
      suspect: at > 0,
    }));
    const reason = JSON.stringify({ benchmark_samples: Array(5000).fill({ a: 'b\n' }) });
    const results: RunResult[] = [
      { ...good, outcome: { state: 'suspect', samples: [] }, doubts },
      { ...nth(good, 2), outcome: { state: 'output-unreadable', reason } },
    ];
    for (const result of results) {
      progress.starting(result.planned, LEFT);
      progress.ended(result);
    }
    progress.finish();
    const lines = written.flatMap(({ text }) => text.split('\n'));
    for (const line of lines) expect(line.length).toBeLessThan(320);
    expect(lines.join('\n')).toMatch(/: doubt 1 !+; and 36 more doubts$/m);
  });
});

describe('the answer to an interruption', () => {
  it('says how long the run in flight can last, where that is long', () => {
    expect(finishing(4080)).toBe(
      'finishing the run in flight (at most 1 h 8 min more, until its deadline); a second Ctrl-C kills it',
    );
    for (const seconds of [undefined, 0, 9]) {
      expect(finishing(seconds)).toBe('finishing the run in flight; a second Ctrl-C kills it');
    }
  });

  it('names the hook that is waited for', () => {
    expect(finishing(undefined, 'setup')).toContain('waiting for the setup to end');
    // Nothing but its deadline ends the cleanup.
    expect(finishing(undefined, 'cleanup')).toBe('waiting for the cleanup to end');
  });

  it('counts the time from the start of the run in flight', () => {
    const clock = { ms: 1000 };
    const inFlight = new InFlight(() => clock.ms);
    expect(inFlight.secondsLeft()).toBeUndefined();
    inFlight.started(60_000);
    clock.ms += 20_000;
    expect(inFlight.secondsLeft()).toBe(40);
    clock.ms += 50_000;
    expect(inFlight.secondsLeft()).toBe(0);
    inFlight.ended();
    expect(inFlight.secondsLeft()).toBeUndefined();
  });
});
