import { z } from 'zod';
import { AXIS, type AxisValue, axesOfKinds, MATRIX_AXES, type MatrixAxisName } from './axes.ts';
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

function wordAxis(words: readonly string[]) {
  const expected = `one of ${words.join(', ')}`;
  const word = z.enum(words, { error: expected });
  const list = z
    .array(word)
    .min(1, { error: `at least ${expected}` })
    .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} words` });
  return { one: word, values: z.union([word, list], { error: `${expected}, or a list of them` }) };
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

/** The axes in the order in which a spec documents them. */
const IN_SPEC = axesOfKinds('size', 'word', 'flag');

/**
 * Schemas of everything that a spec can say of an axis: its values, those that a pattern matches,
 * and the one that a cell has.
 */
function schemasOf(axis: MatrixAxisName) {
  const own = AXIS[axis];
  switch (own.kind) {
    case 'size':
      return { values: sizeAxis, matched: sizePattern, one: size };
    case 'word': {
      const { values, one } = wordAxis(own.words);
      return { values, matched: values, one };
    }
    case 'flag': {
      const one = z.boolean({ error: 'true or false' });
      return { values: flagAxis, matched: flagAxis, one };
    }
  }
}

type Values = AxisValue | AxisValue[];

/** Makes a key of a mapping for each axis of the matrix. */
function forEachAxis<Key extends z.ZodType>(
  of: (axis: MatrixAxisName) => z.ZodType,
): Readonly<Record<MatrixAxisName, Key>> {
  const keys = IN_SPEC.map((axis) => [axis, of(axis)] as const);
  return Object.fromEntries(keys) as Record<MatrixAxisName, Key>;
}

/** Some axes, each with one or more values: matches the cells that agree with all of them. */
const pattern = z
  .strictObject({
    ...forEachAxis<z.ZodOptional<z.ZodType<Values>>>((axis) => schemasOf(axis).matched.optional()),
    program: programNames.optional(),
  })
  .refine((value) => Object.keys(value).length > 0, { error: 'at least one axis with a value' });

const cellValues = z.strictObject(
  forEachAxis<z.ZodOptional<z.ZodType<AxisValue>>>((axis) => schemasOf(axis).one.optional()),
);

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
  ...forEachAxis<z.ZodDefault<z.ZodType<Values>>>((axis) => {
    const { defaultValue, inSpec } = AXIS[axis];
    return (schemasOf(axis).values as z.ZodType<Values>).default(defaultValue).describe(inSpec);
  }),
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
