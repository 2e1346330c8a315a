import type { Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import { least } from '../extremes.ts';

/**
 * The bundled benchmark prints it if counters took turns in the processor: the share of the time for
 * which the least of them counted.
 */
const COUNTED_SHARE = 'COUNTED_SHARE';
const MOST_NAMES = 6;

/**
 * Pure function: finds samples in which a counter is missing, or scaled up from a part of the time.
 * @param expected names of the counters that the benchmark has printed before, and should again
 */
export function counterDoubts(
  samples: readonly Sample[],
  expected: readonly string[],
): readonly Doubt[] {
  const names = new Set(expected);
  for (const { counters } of samples) for (const name of counters?.keys() ?? []) names.add(name);
  names.delete(COUNTED_SHARE);
  const lacking = [...names].filter((name) => samples.some(({ counters }) => !counters?.has(name)));
  const shares = samples.flatMap(({ counters }) => counters?.get(COUNTED_SHARE) ?? []);
  const lowest = least(shares, 1);
  return [
    ...(lacking.length > 0 ? [doubt('counters-missing', missing(lacking, samples))] : []),
    ...(lowest < 1
      ? [
          doubt(
            'counters-scaled',
            `more counters than the processor has: one counted for ${Math.round(100 * lowest)} % of the time, and its value is scaled up`,
          ),
        ]
      : []),
  ];
}

function missing(names: readonly string[], samples: readonly Sample[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const which =
    names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
  return samples.length === 1
    ? `the sample has no ${which}`
    : `not every sample has a value of ${which}`;
}

function doubt(code: string, message: string): Doubt {
  return { code, message, suspect: false };
}
