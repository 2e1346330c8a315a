import { describe, expect, it } from 'vitest';
import { firingAt, headerAt } from '../../../src/trace/user-scripts/event-lines.ts';

const BEFORE = 'some text\n';
const at = BEFORE.length;

describe('the line of column names', () => {
  it('is found where it stands, with or without flowindent', () => {
    const loud = `CPU${' '.repeat(5)}ID${' '.repeat(20)}FUNCTION:NAME\n`;
    const flow = `CPU FUNCTION${' '.repeat(33)}\n`;
    expect(headerAt(`${BEFORE}${loud}more`, at)).toEqual({ end: at + loud.length, flow: false });
    expect(headerAt(`${BEFORE}${flow}more`, at)).toEqual({ end: at + flow.length, flow: true });
    expect(headerAt(`${BEFORE}${loud}`, 0)).toBeUndefined();
  });
});

describe('the columns before what a firing printed', () => {
  /** libdtrace prints them with `%3d %6d %32s `. */
  const columns = (cpu: string, id: string, name: string) =>
    `${cpu.padStart(3)} ${id.padStart(6)} ${name.padStart(32)}`;
  const found = (text: string) => firingAt(BEFORE + text, at, false);

  it('name the processor and the probe', () => {
    const text = columns('12', '86415', 'read:entry');
    const firing = { probe: 'read:entry', cpu: 12 };
    // 3, 6 and 32 characters and the blanks behind them.
    expect(found(`${text} n 3\n`)).toEqual({ ...firing, end: at + 44 });
    expect(found(`${text}\nn 3`)).toEqual({ ...firing, end: at + 43 });
  });

  it('may be wider than usual, and then have no blanks', () => {
    const name = `${'f'.repeat(30)}:entry`;
    expect(found(`${columns('1024', '1234567', name)} x`)).toEqual({
      ...{ probe: name, cpu: 1024, end: at + 4 + 1 + 7 + 1 + 36 + 1 },
    });
  });

  it.each([
    ['without the blanks before the processor', columns('1', '86415', 'f:entry').trimStart()],
    ['with a narrow processor', columns('1', '86415', 'f:entry').slice(1)],
    ['with a narrow number', `  1 86415 ${'f:entry'.padStart(32)}`],
    ['with a narrow name', `  1  86415 ${'f:entry'.padStart(31)}`],
    ['with a wide name after a blank', `  1  86415  ${'f'.repeat(26)}:entry`],
    ['without a probe', columns('1', '86415', 'f')],
  ])('are none %s', (_, text) => {
    expect(found(`${text} x\n`)).toBeUndefined();
  });
});

describe('the columns of flowindent', () => {
  /** libdtrace prints them with `%3d %-41s `. */
  const columns = (name: string, width = 41) => `  0 ${name.padEnd(width)}`;
  const found = (text: string) => firingAt(BEFORE + text, at, true);

  it.each([
    ['-> read', 'read:entry'],
    ['    <- read', 'read:return'],
    ['=> read', 'read:entry'],
    ['  <= read', 'read:return'],
    ['| :BEGIN', ':BEGIN'],
  ])('say with an arrow what fired: %j', (name, probe) => {
    expect(found(`${columns(name)} n 3\n`)).toEqual({ probe, cpu: 0, end: at + 46 });
  });

  it('end with the column, even if nothing is printed', () => {
    expect(found(`${columns('-> read')}\n`)).toMatchObject({ end: at + 45 });
    expect(found(`${columns('-> read', 40)}\n`)).toBeUndefined();
  });

  it('may be wider than usual', () => {
    const name = `-> ${'f'.repeat(60)}`;
    expect(found(`${columns(name)} n 3\n`)).toEqual({
      ...{ probe: `${'f'.repeat(60)}:entry`, cpu: 0, end: at + 4 + 63 + 1 },
    });
  });

  it('are none with a narrow processor, or without an arrow', () => {
    expect(found(`${columns('-> read').slice(1)} n 3\n`)).toBeUndefined();
    expect(found(`${columns('read')} n 3\n`)).toBeUndefined();
  });
});
