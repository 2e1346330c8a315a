import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factValue } from '../../src/export/fact-value.ts';
import { spreadsheetConverts } from '../../src/export/spreadsheet-conversion.ts';

describe('a fact in a table', () => {
  it.each([
    ['load_1min', '0.25', 0.25],
    ['memory_bytes', '8419033088', 8419033088],
    ['cpu_temperature', '-4.5', -4.5],
    ['os_release', '5.10', '5.10'],
    ['kern.osrelease', '14.0', '14.0'],
    ['benchmark_sha256', '0'.repeat(64), '0'.repeat(64)],
    ['serial', '007', '007'],
    ['serial', '1234567890123456', '1234567890123456'],
    ['cpu_online', '0-3', '0..3'],
    ['cpu_nohz_full', '1-2,5,8-9', '1..2, 5, 8..9'],
    ['hw.pagesizes', '4096,2097152', '4096, 2097152'],
    ['cpu_governor', 'performance,powersave', 'performance,powersave'],
    ['captured', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ])('gets its type from its text: %s: %s is %j', (key, value, expected) => {
    expect(factValue(key, value)).toBe(expected);
  });

  it('is never a number that would be printed differently', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double().map(String), fc.string()), (text) => {
        const value = factValue('load', text);
        if (typeof value !== 'number') return;
        expect(value).toBe(Number(text));
        expect(value.toFixed(text.split('.')[1]?.length ?? 0)).toBe(text.replace(/^-(?=0$)/, ''));
      }),
      { numRuns: 1000 },
    );
  });

  it('is plain text if it is a list or a range', () => {
    const part = fc.oneof(
      fc.nat().map(String),
      fc.tuple(fc.nat(), fc.nat()).map((p) => p.join('-')),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 2 }), (parts) => {
        expect(spreadsheetConverts(String(factValue('list', parts.join(','))))).toBe(false);
      }),
    );
  });
});

it.each([
  '5.10',
  '2-3',
  '1/2',
  '10:30',
  '5%',
  '1e5',
  'TRUE',
  '3 May',
  'Dez 2024',
  '23.1.0',
  '1,5',
  '€ 5',
])('%s looks like something other than text', (text) =>
  expect(spreadsheetConverts(text)).toBe(true),
);

it.each([
  '',
  'x',
  '6.1.0-18-amd64',
  'v20.1',
  '#1 SMP',
  'Marvell 88',
  'may',
  '0..3',
  '1, 2',
  'none',
])('%s looks like nothing but text', (text) => expect(spreadsheetConverts(text)).toBe(false));
