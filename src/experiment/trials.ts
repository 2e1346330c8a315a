import { z } from 'zod';
import { LEAST_FOR_INTERVAL, LIMITS } from './limits.ts';

/** The least number that a pilot of fewer trials calls for (src/analyse/trials-called-for.ts). */
const DEFAULT_MIN = 11;

const TRIALS_EXPECTED =
  'a whole number of trials, or { min: 11, max: 50, until: { relative_ci: 2% } }';

/** How often every cell is run, without warm-up. */
export interface Trials {
  readonly min: number;
  readonly max: number;
  /**
   * A cell gets as many trials as should make half the width of its median's interval at most this
   * share of the median. If undefined, it gets exactly `min` (= `max`) trials.
   */
  readonly relativeCi: number | undefined;
}

const count = z
  .int({ error: 'a whole number of trials' })
  .min(1, { error: 'at least 1 trial' })
  .max(LIMITS.trials, { error: `at most ${LIMITS.trials} trials` });

/** The narrowest share is far below what any benchmark repeats; the widest says almost nothing. */
const PERCENT_EXPECTED = 'a percentage from 0.01% to 100%, such as 2%';
const percentage = z
  .string({ error: PERCENT_EXPECTED })
  .regex(/^\d{1,3}(\.\d{1,4})? ?%$/, { error: PERCENT_EXPECTED })
  .transform((text) => Number.parseFloat(text) / 100)
  .refine((share) => share >= 0.0001 && share <= 1, { error: PERCENT_EXPECTED });

const adaptive = z
  .strictObject({
    min: count
      .default(DEFAULT_MIN)
      .describe('Trials that every cell gets; they say how many it needs.'),
    max: count.default(50).describe('Trials that no cell gets more of.'),
    until: z
      .strictObject({
        relative_ci: percentage.describe(
          "Half the width of the median bandwidth's 95% interval, as a share of the median.",
        ),
      })
      .describe('When a cell is known well enough.'),
  })
  .refine(({ min }) => min >= LEAST_FOR_INTERVAL, {
    error: `a min of at least ${LEAST_FOR_INTERVAL}: fewer runs have no interval`,
  })
  .refine(({ min, max }) => min <= max, { error: 'a min that is not above its max' });

export const trialsSchema = z
  .union([count, adaptive], { error: TRIALS_EXPECTED })
  .transform(
    (value): Trials =>
      typeof value === 'number'
        ? { min: value, max: value, relativeCi: undefined }
        : { min: value.min, max: value.max, relativeCi: value.until.relative_ci },
  );
