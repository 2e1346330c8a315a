import { isDeepStrictEqual } from 'node:util';
import { type CellWarning, cellWarnings } from '../analyse/cell-warnings.ts';
import { type ComparedSides, sideLetter } from '../analyse/comparison.ts';
import { commonWords, doubtLine } from '../analyse/doubts.ts';
import { environmentDifferences } from '../analyse/environment-differences.ts';
import type { AxisName } from '../experiment/axes.ts';
import type { Warning } from '../report/comparison-report.ts';
import { ofSide } from '../report/comparison-words.ts';
import { programHashKey } from '../store/environment-rows.ts';
import type { CellRow } from '../store/reader.ts';
import type { LoadedSide } from './comparison-side.ts';
import { countAndNoun } from './count-and-noun.ts';

/** The sides of a comparison: the base, and those that are compared with it. */
interface Sides {
  readonly base: LoadedSide;
  readonly others: readonly LoadedSide[];
  readonly compared: ComparedSides;
  /** The axes that a side was narrowed by. */
  readonly apart: ReadonlySet<AxisName>;
}

/** A warning about one side, or about how it differs from the base. */
interface OfSide {
  readonly code: string;
  readonly side: number;
  readonly text: string;
}

/**
 * Warnings that must be known before a difference between sides is attributed to the intended
 * cause.
 */
export function comparisonWarnings(sides: Sides): readonly Warning[] {
  return [
    ...sidesOfSameRuns(sides),
    ...doubtsOfTracing(sides),
    ...doubtsOfSides(sides),
    ...doubtsOfEnvironments(sides),
    ...doubtsAboutPrograms(sides),
    ...doubtsOfCells(sides),
    ...doubtsAboutOrder(sides),
    ...doubtsAboutHosts(sides),
  ];
}

/**
 * Joins the same warning about several sides into one.
 * @param say puts the names of the sides to the text
 */
function grouped(
  warnings: readonly OfSide[],
  say: (sides: readonly string[], text: string) => string,
): readonly Warning[] {
  const groups = new Map<string, OfSide[]>();
  for (const warning of warnings) {
    const key = JSON.stringify([warning.code, warning.text]);
    groups.set(key, [...(groups.get(key) ?? []), warning]);
  }
  return [...groups.values()].map((own) => ({
    code: own[0]!.code,
    message: say(
      own.map(({ side }) => sideLetter(side)),
      own[0]!.text,
    ),
  }));
}

/** `A, B and C` */
function named(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

const before = (sides: readonly string[], text: string) => `${named(sides)}: ${text}`;

/**
 * Puts the names of the sides that differ from the base in front of a text, unless there is only
 * one.
 */
const against =
  ({ others }: Sides) =>
  (sides: readonly string[], text: string) =>
    others.length === 1 ? text : before(sides, text);

/**
 * Warns if two sides are the same runs. Two databases whose sweeps were joined can both name them.
 */
function sidesOfSameRuns({ base, others }: Sides): readonly Warning[] {
  const runsOf = ({ made, cells }: LoadedSide) =>
    [made.sweep, ...cells.map(({ cell }) => cell)].join(' ');
  const { name, id } = base.sweep;
  const same = others.flatMap((other, at) =>
    runsOf(other) === runsOf(base) && isDeepStrictEqual(other.runs, base.runs)
      ? [
          {
            code: 'same-runs',
            side: at + 1,
            text: `the same runs of sweep ${name}-${id}; AXIS=VALUE, such as host=NAME, selects some of its cells`,
          },
        ]
      : [],
  );
  return grouped(same, (names, text) => `${named(['A', ...names])} are ${text}`);
}

function doubtsOfTracing({ base, others }: Sides): readonly Warning[] {
  const letters = [base, ...others].map(({ untraced }, at) => ({ untraced, name: sideLetter(at) }));
  const traced = letters.filter(({ untraced }) => !untraced).map(({ name }) => name);
  const free = letters.filter(({ untraced }) => untraced).map(({ name }) => name);
  if (traced.length === 0) return [];
  if (free.length > 0) {
    const message = `the bandwidths of ${named(traced)} were measured under a tracer, those of ${named(free)} were not (trace.controls)`;
    return [{ code: 'tracing', message }];
  }
  const all = others.length === 1 ? 'both' : 'all sides';
  const message = `the bandwidths of ${all} were measured under a tracer (trace.controls)`;
  return [{ code: 'traced', message }];
}

function doubtsOfSides({ base, others }: Sides): readonly Warning[] {
  const sides = [base, ...others];
  const incomplete = sides.flatMap(({ sweep }, side) =>
    sweep.state === 'ended'
      ? []
      : [{ code: 'incomplete', side, text: `sweep ${sweep.name}-${sweep.id} is ${sweep.state}` }],
  );
  const doubts = sides.flatMap(({ sweepDoubts }, side) =>
    sweepDoubts.map((doubt) => ({ code: doubt.code, side, text: doubtLine(doubt) })),
  );
  return [
    ...grouped(
      incomplete,
      (names, text) => `${named(names)} ${names.length === 1 ? 'is' : 'are'} not complete: ${text}`,
    ),
    ...grouped(doubts, before),
  ];
}

function doubtsOfEnvironments(sides: Sides): readonly Warning[] {
  const { base, others, apart } = sides;
  const switches = others.flatMap(({ sweep }, at) =>
    (['iterations', 'bare'] as const).flatMap((key) => {
      if (base.sweep[key] === sweep[key]) return [];
      const text = `benchmark.${key} differs: ${base.sweep[key]} and ${sweep[key]}`;
      return [{ code: key, side: at + 1, text }];
    }),
  );
  const differences = others.flatMap((other, at) => {
    // With several programs of one sweep, the programs themselves are being compared.
    const asked = base.made.sweep === other.made.sweep && apart.has('program');
    return environmentDifferences(base.facts, other.facts)
      .filter(({ code }) => !(asked && code === 'benchmark'))
      .map(({ code, message }) => ({ code, side: at + 1, text: message }));
  });
  return grouped([...switches, ...differences], against(sides));
}

/** Warns if two names stand for the same program, which is then compared with itself. */
function doubtsAboutPrograms({ base, others, compared }: Sides): readonly Warning[] {
  const hashOf = ({ facts }: LoadedSide, program: string) =>
    facts.get(programHashKey('')) ?? facts.get(programHashKey(program));
  const called = (side: number, { program }: CellRow) =>
    program === '' ? `the unnamed program of ${sideLetter(side)}` : program;
  const pairs = new Map(
    compared.cells.map((pair) => [
      `${called(0, pair.a)} and ${called(pair.side + 1, pair.b)}`,
      pair,
    ]),
  );
  return [...pairs].flatMap(([names, pair]) => {
    const hash = hashOf(base, pair.a.program);
    if (pair.a.program === pair.b.program || hash === undefined) return [];
    if (hash !== hashOf(others[pair.side]!, pair.b.program)) return [];
    const message = `${names} are the same program (SHA-256 ${hash.slice(0, 12)}): what differs between them is chance, or the machine`;
    return [{ code: 'same-program', message }];
  });
}

/** Doubts raised by the values of the cells and by their order, each code once per side. */
function doubtsOfCells({ base, others, compared }: Sides): readonly Warning[] {
  return [base, ...others].flatMap((side, at) => {
    // A cell of the base stands in a pair with each of the others.
    const own = new Set(
      at === 0 ? compared.cells.map(({ a }) => a) : ofSide(compared, at - 1).map(({ b }) => b),
    );
    const found = new Map<string, CellWarning[]>();
    for (const { cell, total_bytes: total } of own) {
      const values = (side.runs.get(cell) ?? []).map(({ bandwidth }) => bandwidth);
      for (const warning of cellWarnings(values, total)) {
        found.set(warning.code, [...(found.get(warning.code) ?? []), warning]);
      }
    }
    return [...found].map(([code, warnings]) => ({
      code,
      message: `${sideLetter(at)}: ${warnings.length} of ${countAndNoun(own.size, 'cell')}: ${commonWords(
        code,
        warnings.map(({ message }) => message),
      )} (${code})`,
    }));
  });
}

/** Warns about cells that were not interleaved: anything that changed in between also differs. */
function doubtsAboutOrder({ base, others, compared }: Sides): readonly Warning[] {
  const code = 'not-interleaved';
  const elsewhere = others.flatMap(({ made }, at) => (made.sweep === base.made.sweep ? [] : [at]));
  const warnings: Warning[] = [];
  if (elsewhere.length > 0) {
    const known = compared.cells.some(
      ({ verdict }) => verdict.verdict !== 'too few' && verdict.floor > 0,
    );
    const counts = known
      ? 'how far sessions differ is allowed for (--repeat)'
      : 'differences between sessions count as differences';
    const which =
      others.length === 1
        ? 'the two sweeps were made one after the other'
        : `${named(elsewhere.map((at) => sideLetter(at + 1)))}: made in another sweep than A, before or after it`;
    warnings.push({ code, message: `${which}: ${counts}` });
  }
  const inTurns = ({ side, a, b, interleaved }: ComparedSides['cells'][number]) =>
    interleaved || a.host !== b.host || elsewhere.includes(side);
  if (!compared.cells.every(inTurns)) {
    const message =
      'the cells were made one after the other (order: sequential): what changed on the machine between them counts as a difference';
    warnings.push({ code, message });
  }
  return warnings;
}

/** Warns if figures of different machines are compared. */
function doubtsAboutHosts(sides: Sides): readonly Warning[] {
  const { base, others, compared, apart } = sides;
  const several = [base, ...others].flatMap(({ machines }, side) =>
    machines.size < 2 ? [] : [{ code: 'hosts', side, text: [...machines.keys()].join(', ') }],
  );
  const warnings = grouped(
    several,
    (names, hosts) =>
      `the cells of ${named(names)} were made on several hosts: ${hosts}; what differs between them is not compared below`,
  );
  if (apart.has('host')) return warnings;
  const machineOf = (side: LoadedSide, host: string) => side.machines.get(host) ?? host;
  const apartFrom = others.flatMap((other, at) => {
    const own = ofSide(compared, at);
    const pairs = own.flatMap(({ a, b }) => {
      const [left, right] = [machineOf(base, a.host), machineOf(other, b.host)];
      return left === right ? [] : [`${left} and ${right}`];
    });
    if (pairs.length === 0) return [];
    const text = `${countAndNoun(pairs.length, 'pair')} of ${own.length} were made on different machines: ${[...new Set(pairs)].slice(0, 5).join('; ')}`;
    return [{ code: 'machine', side: at + 1, text }];
  });
  return [...warnings, ...grouped(apartFrom, against(sides))];
}
