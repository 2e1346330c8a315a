import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './durations.ts';
import { LIMITS } from './limits.ts';

/** Accepts a duration in ms. @param expected completes "expected ..., got ..." for other texts */
export function durationSchema(expected: string) {
  return z
    .string({ error: expected })
    .regex(DURATION_PATTERN, { error: expected })
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= 1 && ms <= LIMITS.timeoutMs, {
      error: 'a duration from 1ms to 576h (24 days)',
    });
}
