import { z } from 'zod';

/** How often to retry each end of a run that another attempt may fix, named as in `runs.csv`. */
const RETRIES = {
  suspect: 1,
  'tracer-failed': 1,
  failed: 0,
  signalled: 0,
  'timed-out': 0,
  'output-unreadable': 0,
} as const;

type RetriedEnd = keyof typeof RETRIES;

export type Retries = Readonly<Record<RetriedEnd, number>>;

const MOST = 10;

const times = (often: number) =>
  z
    .int({ error: 'a whole number of further attempts' })
    .min(0, { error: '0 or more further attempts' })
    .max(MOST, { error: `at most ${MOST} further attempts` })
    .default(often);

const entries = Object.entries(RETRIES).map(([end, often]) => [end, times(often)]);

export const retrySchema = z
  .strictObject(Object.fromEntries(entries) as Record<RetriedEnd, ReturnType<typeof times>>, {
    error: `further attempts for some of ${Object.keys(RETRIES).join(', ')}`,
  })
  .describe('Further attempts that a run gets at once when it has ended in this way.');
