import { z } from 'zod';
import { durationSchema } from './duration-schema.ts';
import { DURATION_EXPECTED } from './durations.ts';
import type { Hook } from './hooks.ts';

const COMMAND_EXPECTED = 'a command as a list of its words, such as [./prepare, --fast]';
const WORD_EXPECTED =
  'a word without control characters, in quotes if YAML would not read it as text';
const WORDS_AT_MOST = 100;
const DEFAULT_TIMEOUT_MS = 60_000;

const word = z.union(
  [
    z.string({ error: WORD_EXPECTED }).regex(/^[^\0-\x08\x0b-\x1f\x7f]{1,4096}$/, {
      error: WORD_EXPECTED,
    }),
    z.int({ error: WORD_EXPECTED }),
  ],
  { error: WORD_EXPECTED },
);

const words = z
  .array(word, { error: COMMAND_EXPECTED })
  .min(1, { error: COMMAND_EXPECTED })
  .max(WORDS_AT_MOST, { error: `at most ${WORDS_AT_MOST} words` });

/** A command of the user's own: its words, or a mapping with its deadline. */
export const hookSchema = z
  .union(
    [
      words,
      z.strictObject({
        command: words.describe('The program and its arguments; no shell reads them.'),
        timeout: durationSchema(DURATION_EXPECTED)
          .default(DEFAULT_TIMEOUT_MS)
          .describe('When it is given up.'),
      }),
    ],
    { error: COMMAND_EXPECTED },
  )
  .transform((value): Hook => {
    const { command, timeout } =
      'command' in value ? value : { command: value, timeout: DEFAULT_TIMEOUT_MS };
    return { words: command.map(String), timeoutMs: timeout };
  });
