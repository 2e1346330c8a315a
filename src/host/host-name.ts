import { UserError } from '../errors.ts';

/** This machine. */
export const LOCAL_HOST = 'local';

/** Completes a message that begins with "expected ...". */
export const HOST_NAME_EXPECTED =
  'local, or a host as ssh knows it: board-1, root@board-2, ssh://board-3:2222';

/**
 * Allows no blanks, no control characters, and no characters that are invisible or change the
 * direction of the text after them. A name that begins with a dash would be an option of ssh. The
 * pattern is written so that every reader of the published schema understands it.
 */
export const HOST_NAME =
  /^[^-\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff][^\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]{0,254}$/;

/** @throws UserError for a name that ssh would not take for a destination */
export function requireHostName(name: string): void {
  if (HOST_NAME.test(name)) return;
  throw new UserError(`not a host: expected ${HOST_NAME_EXPECTED}, got ${JSON.stringify(name)}`, {
    hint: 'name it as you would to ssh, without blanks and control characters, and without a - at the beginning',
  });
}
