import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AXES,
  AXES_IN_TABLES,
  AXIS,
  AXIS_WORDS,
  type AxisName,
  type AxisValue,
  MATRIX_AXES,
  OUTER_AXES,
} from '../../src/experiment/axes.ts';
import { cellOfValues, valueOn } from '../../src/experiment/cell.ts';
import { AXES_IN_NAME, cellName } from '../../src/experiment/cell-name.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Any value that a cell can have on an axis. */
function someValue(axis: AxisName): fc.Arbitrary<AxisValue | undefined> {
  const own = AXIS[axis];
  switch (own.kind) {
    case 'word':
      return fc.constantFrom(...own.words);
    case 'size':
      return fc.integer({ min: 1, max: own.most });
    case 'flag':
      return fc.boolean();
    case 'name':
      return fc.constantFrom(undefined, 'a', 'board-1');
  }
}

describe('the table of the axes', () => {
  it('gives no two axes the same field, column, option or printed name', () => {
    for (const key of ['field', 'column', 'option', 'printedAs', 'heading'] as const) {
      const names = AXES.flatMap(
        (axis) => (AXIS[axis] as unknown as Record<string, unknown>)[key] ?? [],
      );
      expect([key, new Set(names).size]).toEqual([key, names.length]);
    }
  });

  it('has every axis once in every order', () => {
    const all = [...AXES_IN_TABLES].sort();
    for (const order of [AXES, AXES_IN_NAME, [...MATRIX_AXES, ...OUTER_AXES]]) {
      expect([...order].sort()).toEqual(all);
    }
  });

  it('makes a cell of any values, and finds them in it again', () => {
    const values = fc.record(
      Object.fromEntries(AXES.map((axis) => [axis, someValue(axis)])),
    ) as fc.Arbitrary<Record<AxisName, AxisValue | undefined>>;
    fc.assert(
      fc.property(values, (given) => {
        const cell = cellOfValues((axis) => given[axis]);
        for (const axis of AXES) expect(valueOn(cell, axis)).toBe(given[axis] ?? '');
        const name = cellName(cell);
        for (const axis of OUTER_AXES) {
          const { preposition } = AXIS[axis];
          expect(name.includes(` ${preposition} ${given[axis]}`)).toBe(given[axis] !== undefined);
        }
      }),
    );
  });

  it('is explained completely: docs/spec.md and the spec of init name every axis and every word', () => {
    for (const file of ['docs/spec.md', 'src/cli/commands/init/template.yaml']) {
      const text = read(file);
      const missing = [...MATRIX_AXES, ...AXIS_WORDS].filter((word) => !text.includes(word));
      expect([file, missing]).toEqual([file, []]);
    }
    const [, row = ''] = /^\| axis \|(.*)$/m.exec(read('docs/concepts.md')) ?? [];
    expect(MATRIX_AXES.filter((axis) => !row.includes(`\`${axis}\``))).toEqual([]);
  });
});
