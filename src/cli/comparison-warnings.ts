import { type CellWarning, cellWarnings } from '../analyse/cell-warnings.ts';
import type { ComparedSides } from '../analyse/comparison.ts';
import { doubtLine } from '../analyse/doubts.ts';
import { environmentDifferences } from '../analyse/environment-differences.ts';
import type { AxisName } from '../experiment/cell.ts';
import { programHashKey } from '../store/environment-rows.ts';
import type { CellRow } from '../store/reader.ts';
import { counted } from './counted.ts';
import type { LoadedSide } from './side.ts';

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/**
 * Warnings that must be known before a difference between two sides is attributed to the intended
 * cause.
 * @param apart the axes that a side was narrowed by
 */
export function comparisonWarnings(
  a: LoadedSide,
  b: LoadedSide,
  compared: ComparedSides,
  apart: ReadonlySet<AxisName>,
): readonly Warning[] {
  return [
    ...doubtsOfSides(a, b, apart),
    ...doubtsAboutPrograms(a, b, compared),
    ...doubtsOfCells(a, b, compared),
    ...doubtsAboutTurns(a, b, compared),
    ...doubtsAboutHosts(a, b, compared, apart),
  ];
}

function doubtsOfSides(
  a: LoadedSide,
  b: LoadedSide,
  apart: ReadonlySet<AxisName>,
): readonly Warning[] {
  const warnings: Warning[] = [];
  if (a.untraced !== b.untraced) {
    const [traced, other] = a.untraced ? ['B', 'A'] : ['A', 'B'];
    const message = `the bandwidths of ${traced} were measured under a tracer, those of ${other} were not (trace.controls)`;
    warnings.push({ code: 'tracing', message });
  } else if (!a.untraced) {
    const message = 'the bandwidths of both were measured under a tracer (trace.controls)';
    warnings.push({ code: 'traced', message });
  }
  for (const [side, { sweep }] of [['A', a] as const, ['B', b] as const]) {
    if (sweep.state === 'ended') continue;
    const message = `${side} is not complete: sweep ${sweep.name}-${sweep.id} is ${sweep.state}`;
    warnings.push({ code: 'incomplete', message });
  }
  for (const [side, { sweepDoubts }] of [['A', a] as const, ['B', b] as const]) {
    for (const doubt of sweepDoubts) {
      warnings.push({ code: doubt.code, message: `${side}: ${doubtLine(doubt)}` });
    }
  }
  for (const key of ['iterations', 'bare'] as const) {
    if (a.sweep[key] === b.sweep[key]) continue;
    const message = `benchmark.${key} differs: ${a.sweep[key]} and ${b.sweep[key]}`;
    warnings.push({ code: key, message });
  }
  // With two programs of one sweep, the programs themselves are being compared.
  const asked = a.made.sweep === b.made.sweep && apart.has('program');
  const differences = environmentDifferences(a.facts, b.facts).filter(
    ({ code }) => !(asked && code === 'benchmark'),
  );
  return [...warnings, ...differences.map(({ code, message }) => ({ code, message }))];
}

/** Warns if two names stand for the same program, which is then compared with itself. */
function doubtsAboutPrograms(
  a: LoadedSide,
  b: LoadedSide,
  { cells }: ComparedSides,
): readonly Warning[] {
  const hashOf = ({ facts }: LoadedSide, program: string) =>
    facts.get(programHashKey('')) ?? facts.get(programHashKey(program));
  const called = (side: 'A' | 'B', { program }: CellRow) =>
    program === '' ? `the unnamed program of ${side}` : program;
  const pairs = new Map(
    cells.map((pair) => [`${called('A', pair.a)} and ${called('B', pair.b)}`, pair] as const),
  );
  return [...pairs].flatMap(([names, pair]) => {
    const hash = hashOf(a, pair.a.program);
    if (pair.a.program === pair.b.program || hash === undefined) return [];
    if (hash !== hashOf(b, pair.b.program)) return [];
    const message = `${names} are the same program (SHA-256 ${hash.slice(0, 12)}): what differs between them is chance, or the machine`;
    return [{ code: 'same-program', message }];
  });
}

/** Warns if figures of different machines are compared. */
function doubtsAboutHosts(
  a: LoadedSide,
  b: LoadedSide,
  { cells }: ComparedSides,
  apart: ReadonlySet<AxisName>,
): readonly Warning[] {
  const warnings: Warning[] = [];
  for (const [side, { machines }] of [['A', a] as const, ['B', b] as const]) {
    if (machines.size < 2) continue;
    const message = `the cells of ${side} were made on several hosts: ${[...machines.keys()].join(', ')}; what differs between them is not compared below`;
    warnings.push({ code: 'hosts', message });
  }
  if (apart.has('host')) return warnings;
  const machineOf = (side: LoadedSide, host: string) => side.machines.get(host) ?? host;
  const others = cells.flatMap((pair) => {
    const [left, right] = [machineOf(a, pair.a.host), machineOf(b, pair.b.host)];
    return left === right ? [] : [`${left} and ${right}`];
  });
  if (others.length > 0) {
    const message = `${counted(others.length, 'pair')} of ${cells.length} were made on different machines: ${[...new Set(others)].slice(0, 5).join('; ')}`;
    warnings.push({ code: 'machine', message });
  }
  return warnings;
}

/** Doubts raised by the values of the cells and by their order, each code once per side. */
function doubtsOfCells(a: LoadedSide, b: LoadedSide, { cells }: ComparedSides): readonly Warning[] {
  return (['A', 'B'] as const).flatMap((name) => {
    const side = name === 'A' ? a : b;
    // With several programs, a cell of A stands in several pairs.
    const own = [...new Set(cells.map((pair) => (name === 'A' ? pair.a : pair.b)))];
    const found = new Map<string, CellWarning[]>();
    for (const { cell, total_bytes: total } of own) {
      const values = (side.runs.get(cell) ?? []).map(({ bandwidth }) => bandwidth);
      for (const warning of cellWarnings(values, total)) {
        found.set(warning.code, [...(found.get(warning.code) ?? []), warning]);
      }
    }
    return [...found].map(([code, warnings]) => ({
      code,
      message: `${name}: ${warnings.length} of ${counted(own.length, 'cell')}: ${warnings[0]!.message} (${code})`,
    }));
  });
}

/** Warns about cells that were not interleaved: anything that changed in between also differs. */
function doubtsAboutTurns(
  a: LoadedSide,
  b: LoadedSide,
  { cells }: ComparedSides,
): readonly Warning[] {
  const code = 'not-interleaved';
  if (a.made.sweep !== b.made.sweep) {
    const known = cells.some(({ verdict }) => verdict.verdict !== 'too few' && verdict.floor > 0);
    const counts = known
      ? 'how far sessions differ is allowed for (--repeat)'
      : 'differences between sessions count as differences';
    return [{ code, message: `the two sweeps were made one after the other: ${counts}` }];
  }
  if (cells.every((pair) => pair.interleaved || pair.a.host !== pair.b.host)) return [];
  const message =
    'the cells were made one after the other (order: sequential): what changed on the machine between them counts as a difference';
  return [{ code, message }];
}
