import { z } from 'zod';

/** The sets that the benchmark's `-P` knows; `software` is the bundled program's alone. */
export const COUNTER_SETS = ['arch', 'dcache', 'instr', 'tlbmem', 'software'] as const;
export type CounterSet = (typeof COUNTER_SETS)[number];

const EXPECTED = `one of ${COUNTER_SETS.join(', ')}`;
const SEVERAL = `one set of counters, since a process counts one (-P): make a sweep for each, such as by --set benchmark.counters=${COUNTER_SETS[0]}`;

const set = z.enum(COUNTER_SETS, { error: EXPECTED });

/** A set, or a list of one. */
export const countersSchema = z
  .union([set, z.array(set).length(1, { error: SEVERAL })], {
    error: ({ input }) => (Array.isArray(input) && input.length > 1 ? SEVERAL : EXPECTED),
  })
  .transform((given) => (typeof given === 'string' ? given : given[0]!));
