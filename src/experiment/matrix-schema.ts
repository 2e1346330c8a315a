import { z } from 'zod';
import { IPC_TYPES, MATRIX_AXES, MODES } from './cell.ts';
import { LIMITS } from './limits.ts';
import { PROGRAM_NAME, PROGRAM_NAME_EXPECTED } from './program-name.ts';
import { rangeValues } from './range.ts';
import { parseSize, SIZE_EXPECTED, SIZE_PATTERN } from './sizes.ts';
import { compileWhere } from './where.ts';

const size = z.union(
  [
    z.int({ error: SIZE_EXPECTED }).min(1, { error: SIZE_EXPECTED }),
    z
      .string()
      .regex(SIZE_PATTERN, { error: SIZE_EXPECTED })
      .transform((text, context) => {
        const bytes = parseSize(text);
        if (bytes !== undefined && bytes >= 1) return bytes;
        context.addIssue({ code: 'custom', message: SIZE_EXPECTED });
        return z.NEVER;
      }),
  ],
  { error: SIZE_EXPECTED },
);

const factor = z
  .int({ error: 'a whole factor of at least 2' })
  .min(2, { error: 'a whole factor of at least 2' });

const range = z
  .strictObject({
    from: size.describe('First value of the axis.'),
    to: size.describe('The axis ends at the last value that is not above this one.'),
    factor: factor.optional().describe('Multiply by this each time.'),
    step: size.optional().describe('Add this each time.'),
  })
  .refine((value) => (value.factor === undefined) !== (value.step === undefined), {
    error: 'either factor or step (one of them, not both)',
  })
  .refine((value) => value.from <= value.to, {
    error: 'a range whose from is not above its to',
  })
  .transform((value, context) => {
    const values = rangeValues(value, LIMITS.axisValues);
    if (values) return values;
    context.addIssue({ code: 'custom', message: `a range of at most ${LIMITS.axisValues} values` });
    return z.NEVER;
  });

const AXIS_EXPECTED =
  'a size, a list of sizes, or a range such as { from: 512, to: 1MiB, factor: 2 }';

const sizeList = z
  .array(size)
  .min(1, { error: 'at least one size' })
  .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} sizes` });

const sizeAxis = z.union([size, sizeList, range], { error: AXIS_EXPECTED });
const sizePattern = z.union([size, sizeList], { error: 'a size or a list of sizes' });

function wordAxis<const Words extends readonly [string, ...string[]]>(words: Words) {
  const expected = `one of ${words.join(', ')}`;
  const word = z.enum(words, { error: expected });
  const list = z
    .array(word)
    .min(1, { error: `at least ${expected}` })
    .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} words` });
  return z.union([word, list], { error: `${expected}, or a list of them` });
}

const flagAxis = z.union(
  [
    z.boolean(),
    z
      .array(z.boolean({ error: 'true or false' }))
      .min(1, { error: 'at least one of true, false' })
      .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} words` }),
  ],
  { error: 'true, false, or a list of them' },
);

const programName = z
  .string({ error: PROGRAM_NAME_EXPECTED })
  .regex(PROGRAM_NAME, { error: PROGRAM_NAME_EXPECTED });
const programNames = z.union(
  [
    programName,
    z
      .array(programName)
      .min(1, { error: 'at least one program' })
      .max(LIMITS.programs, { error: `at most ${LIMITS.programs} programs` }),
  ],
  { error: 'a name of benchmark.programs, or a list of them' },
);

const axisName = z.enum(MATRIX_AXES, { error: `an axis: ${MATRIX_AXES.join(', ')}` });

/** Some axes, each with one or more values: matches the cells that agree with all of them. */
const pattern = z
  .strictObject({
    buffer_size: sizePattern.optional(),
    total_size: sizePattern.optional(),
    ipc: wordAxis(IPC_TYPES).optional(),
    mode: wordAxis(MODES).optional(),
    socket_buffers: flagAxis.optional(),
    program: programNames.optional(),
  })
  .refine((value) => Object.keys(value).length > 0, { error: 'at least one axis with a value' });

const cellValues = z.strictObject({
  buffer_size: size.optional(),
  total_size: size.optional(),
  ipc: z.enum(IPC_TYPES, { error: `one of ${IPC_TYPES.join(', ')}` }).optional(),
  mode: z.enum(MODES, { error: `one of ${MODES.join(', ')}` }).optional(),
  socket_buffers: z.boolean({ error: 'true or false' }).optional(),
});

const CONDITION_EXPECTED = 'a condition such as "total_size / buffer_size <= 4096"';

const condition = z
  .string({ error: CONDITION_EXPECTED })
  .min(1, { error: CONDITION_EXPECTED, abort: true })
  .max(LIMITS.whereCharacters, {
    error: `at most ${LIMITS.whereCharacters} characters`,
    abort: true,
  })
  .superRefine((text, context) => {
    const compiled = compileWhere(text);
    if (compiled.state === 'broken') {
      const { expected: message, place } = compiled;
      context.addIssue({ code: 'custom', message, params: { place } });
    }
  });

export const matrixSchema = z.strictObject({
  buffer_size: sizeAxis.default(128 * 1024).describe('Bytes of one read or write call (-b).'),
  total_size: sizeAxis.default(16 * 1024 ** 2).describe('Bytes moved in one iteration (-t).'),
  ipc: wordAxis(IPC_TYPES).default('pipe').describe('The channel (-i).'),
  mode: wordAxis(MODES).default('2proc').describe('Two processes or two threads.'),
  socket_buffers: flagAxis
    .default(false)
    .describe('Set the socket buffers to the buffer size (-s; local and tcp only).'),
  zip: z
    .array(
      z
        .array(axisName, { error: 'a list of axes to advance together' })
        .min(2, { error: 'at least two axes to advance together' }),
      { error: 'a list of groups such as [[buffer_size, total_size]]' },
    )
    .default([])
    .describe('Groups of axes that advance together instead of being multiplied.'),
  exclude: z
    .array(pattern, { error: 'a list such as [{ ipc: tcp, buffer_size: 512 }]' })
    .max(LIMITS.patterns, { error: `at most ${LIMITS.patterns} entries` })
    .default([])
    .describe('Cells to leave out.'),
  where: condition
    .optional()
    .describe('Keep the cells for which this Common Expression Language condition is true.'),
  include: z
    .array(cellValues, { error: 'a list such as [{ buffer_size: 8191, total_size: 1048448 }]' })
    .default([])
    .describe('Cells to add, whatever exclude and where say.'),
  only: condition
    .optional()
    .describe('Make the runs of these cells only, whether from the axes or from include; --only.'),
});

export type MatrixDocument = z.output<typeof matrixSchema>;
