import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import type { Figure } from '../../src/report/figure.ts';
import { openForWriting } from '../../src/store/open.ts';
import { CELL } from '../store/example-sweep.ts';
import { figuresOf, madeSweep } from './made-sweep.ts';
import { recordedFigures } from './recorded-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function figuresFor(name: string, cells: readonly Partial<Cell>[]): readonly Figure[] {
  const { db, close } = openForWriting(join(folder, `${name}.db`));
  try {
    const whole = cells.map((cell) => ({ ...CELL, totalBytes: 2 ** 20, ...cell }));
    madeSweep(db, { cells: whole, trials: 6, controls: true });
    return figuresOf(db);
  } finally {
    close();
  }
}

/** The values of every scale with fixed names and a fixed range, by channel and name. */
function looksIn(figures: readonly Figure[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      const { domain, range } = (value as { scale?: { domain?: unknown; range?: unknown } } | null)
        ?.scale ?? { domain: undefined, range: undefined };
      if (['color', 'shape', 'strokeDash'].includes(key) && Array.isArray(domain)) {
        for (const [at, name] of domain.entries()) {
          const looks = found.get(`${key} of ${name}`) ?? new Set();
          found.set(`${key} of ${name}`, looks.add(JSON.stringify((range as unknown[])[at])));
        }
      }
      visit(value);
    }
  };
  for (const { spec } of figures) visit(spec);
  return found;
}

describe('a thing in a chart', () => {
  const small = figuresFor('small', [{ bufferBytes: 512 }, { bufferBytes: 4096 }]);
  const large = figuresFor(
    'large',
    (['2thread', '2proc'] as const).flatMap((mode) =>
      [2048, 65536, 262144].map((bufferBytes) => ({ mode, bufferBytes })),
    ),
  );
  const sockets = figuresFor(
    'sockets',
    (['tcp', 'pipe'] as const).flatMap((ipc) =>
      (['2proc', '2thread'] as const).flatMap((mode) =>
        [2048, 65536].map((bufferBytes) => ({ ipc, mode, bufferBytes })),
      ),
    ),
  );
  const recorded = recordedFigures(mkdtempSync(join(folder, 'recorded-')));

  it('looks the same in every chart of every sweep', () => {
    const looks = looksIn([...small, ...large, ...sockets, ...recorded]);
    const several = [...looks].filter(([, values]) => values.size > 1);
    expect(several).toEqual([]);
    for (const name of ['EMPTY', 'PARTIAL', 'DIRECTOK', 'read', 'write', '2proc', 'pipe 2proc']) {
      expect(looks.has(`color of ${name}`), name).toBe(true);
    }
  });

  it('differs in colour from everything else in the same chart', () => {
    for (const figure of [...small, ...large, ...sockets, ...recorded]) {
      const colours = [...looksIn([figure])].filter(([name]) => name.startsWith('color'));
      const values = colours.map(([, [value]]) => value);
      expect(new Set(values).size, figure.name).toBe(values.length);
    }
  });
});
