import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './durations.ts';
import { LIMITS } from './limits.ts';

/** A duration in ms. @param expected completes "expected ..., got ..." for a text of another form */
export function durationSchema(expected: string) {
  return z
    .string({ error: expected })
    .regex(DURATION_PATTERN, { error: expected })
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= 1 && ms <= LIMITS.timeoutMs, {
      error: 'a duration from 1ms to 576h (24 days)',
    });
}
