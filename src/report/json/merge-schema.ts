import { z } from 'zod';
import { count, type Described, head, id, text, textOrNull } from './schema-parts.ts';

const news = {
  new_sweeps: count('sweeps', 'sweeps that the output did not have'),
  joined_sweeps: count('sweeps', 'sweeps that have become a part of another one (--as-one)'),
  own_sweeps: count('sweeps', 'sweeps that were made in the output itself, and have come back'),
  new_runs: count('runs', 'runs that the output did not have'),
  changed_runs: count(
    'runs',
    'runs that the output has with other values; it keeps those that it has',
  ),
};

const takenSweep = z.strictObject({
  id: id('its number in the output'),
  name: text('the name of the experiment'),
  id_in_input: id('its number in the input'),
  state: z
    .enum(['new', 'joined', 'known', 'own'])
    .describe(
      'new: the output did not have it; joined: it has become a part of another one; known: the output had it, and may have got more runs; own: it was made in the output itself',
    ),
  new_runs: count('runs', 'runs of it that the output did not have'),
  changed_runs: count('runs', 'runs of it that the output has with other values'),
});

export const mergeSchema = z
  .strictObject({
    document: z.literal('merge'),
    ...head,
    database: text('the output, as it was named'),
    ...news,
    inputs: z
      .array(
        z.strictObject({
          file: text('the input, as it was named'),
          copy_of: textOrNull(
            'an input before it with the same identity; one is a copy of the other',
          ),
          ...news,
          sweeps: z.array(takenSweep).describe('its sweeps'),
        }),
      )
      .describe('in the order of the command line'),
  })
  .meta({ title: 'ipc-sweep merge --json' });

export type MergeDocument = Described<typeof mergeSchema>;
