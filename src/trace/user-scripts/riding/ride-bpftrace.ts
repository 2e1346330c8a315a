import type { Token } from '../d-tokens.ts';
import type { UserScript } from '../user-script.ts';
import {
  CannotRide,
  conditionOf,
  type Edit,
  fittedOr,
  type Piece,
  pieceOf,
  type Refusal,
  type RidingScript,
} from './piece.ts';
import { type Probe, probesOf } from './probes.ts';

/** The probes that stand for BEGIN and END; see programs/bpftrace/scripts-*.bt. */
const AT_START = 'tracepoint:sched:sched_process_exec';
export const AT_END = 'tracepoint:syscalls:sys_enter_getpriority';
/** Probes that a process cannot reach while it exits. */
const BEFORE_EXIT = /^(?:tracepoint|t):(?:raw_)?syscalls:|^(?:uprobe|uretprobe|u|ur|usdt|U):/;

/** Calls that end the session, or do more than look. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['exit', 'exit() would end the session'],
  ['system', 'system() starts a command'],
  ['signal', 'signal() changes what it looks at'],
  ['override', 'override() changes what it looks at'],
  ['override_return', 'override_return() changes what it looks at'],
]);
const TEXTS = new Set(['printf', 'print', 'time', 'cat', 'join', 'errorf', 'warnf', 'debugf']);
/** Calls whose texts cannot be marked with the script that they come from. */
const UNMARKED = new Set(['time', 'cat', 'join', 'errorf', 'warnf', 'debugf']);

/**
 * Fits a bpftrace script into the session's program. Its maps get a name of their own, each text
 * that it prints a mark, and each probe a condition: that a run is on. BEGIN becomes a probe on the
 * start of a run and END one on the request for its results, because the session outlives the run.
 */
export function rideBpftrace(script: UserScript, number: number): RidingScript | Refusal {
  return fittedOr(script, (own) => fitted(own, `s${number}_`, number));
}

function fitted(script: UserScript, prefix: string, number: number): RidingScript {
  const { text } = script;
  const begin: Piece[] = [];
  const probes: Piece[] = [];
  const end: Piece[] = [];
  const clauses: string[] = [];
  let prints = false;
  let countsTexts = false;
  let printsUnmarked = false;
  let printsUncounted = false;
  let endsWithExit = true;
  const all = probesOf(text);
  for (const probe of all) {
    const kind = kindOf(probe);
    requireRideable(probe, kind);
    const edits = [
      ...conditionOf(probe, ...CONDITIONS[kind]),
      ...probe.tokens.flatMap((token) => renamed(token, prefix)),
      ...marked(probe, number, clauses.length),
    ];
    const piece = pieceOf(text, [probe.from, probe.to], edits);
    (kind === 'BEGIN' ? begin : kind === 'END' ? end : probes).push(piece);
    clauses.push(probe.points);
    prints ||= calls(probe).some(({ name }) => TEXTS.has(name));
    countsTexts ||= calls(probe).some(isCounted);
    printsUncounted ||=
      kind !== 'END' && calls(probe).some((call) => TEXTS.has(call.name) && !isCounted(call));
    endsWithExit &&=
      kind === 'BEGIN' || kind === 'END' || probe.points.split(',').every(isBeforeExit);
    printsUnmarked ||= calls(probe).some((call) => UNMARKED.has(call.name) || isPlainPrint(call));
  }
  const aggregations = mapsOf(all);
  return {
    ...{ script, prefix, begin, probes, end, aggregations, clauses },
    ...{ prints, countsTexts, printsUnmarked, printsUncounted, endsWithExit },
  };
}

type Kind = 'BEGIN' | 'END' | 'interval' | 'other';

function kindOf({ points, pointsFrom }: Probe): Kind {
  if (/^BEGIN$/i.test(points)) return 'BEGIN';
  if (/^END$/i.test(points)) return 'END';
  const parts = points.split(',');
  if (parts.some((part) => /^(?:BEGIN|END)$/i.test(part))) {
    throw new CannotRide(pointsFrom, 'BEGIN and END must stand alone');
  }
  if (parts.some((part) => /^(?:iter|it|self|test|bench|watchpoint|asyncwatchpoint):/.test(part))) {
    throw new CannotRide(pointsFrom, `${points} must have a program of its own`);
  }
  return parts.some((part) => /^(?:interval|profile|i|p):/.test(part)) ? 'interval' : 'other';
}

interface Call {
  readonly name: string;
  readonly at: number;
  /** The tokens after its bracket, up to the end of the probe. */
  readonly rest: readonly Token[];
  readonly before: readonly Token[];
}

function calls({ tokens }: Probe): readonly Call[] {
  return tokens.flatMap((token, index) => {
    const [bracket, ...rest] = tokens.slice(index + 1, index + 6);
    if (token.kind !== 'word' || bracket?.text !== '(') return [];
    return [{ name: token.text, at: token.at, rest, before: tokens.slice(0, index) }];
  });
}

function isPlainPrint({ name, rest: [first, second] }: Call): boolean {
  return name === 'print' && (first?.kind !== 'aggregation' || !/^[,)]$/.test(second?.text ?? ''));
}

function requireRideable(probe: Probe, kind: Kind): void {
  const elapsed = probe.tokens.find(({ kind, text }) => kind === 'word' && text === 'elapsed');
  if (elapsed)
    throw new CannotRide(elapsed.at, 'elapsed would count from the start of the session');
  for (const call of calls(probe)) {
    const { name, at, rest } = call;
    const refused = REFUSED.get(name);
    if (refused !== undefined) throw new CannotRide(at, refused);
    if (kind === 'interval' && (TEXTS.has(name) || name === 'clear' || name === 'zero')) {
      throw new CannotRide(at, `${name}() at intervals of its own`);
    }
    if (name === 'printf' && rest[0]?.kind !== 'string') {
      throw new CannotRide(at, 'printf() without a format of its own');
    }
    if (name === 'delete' && !isLookedFor(call)) {
      throw new CannotRide(at, 'delete() of a key that it does not look for first');
    }
  }
}

/**
 * Whether a probe reads an entry before it deletes it. In the session, bpftrace reports every key
 * that is not there, and a script that does not look could report one in each call on the machine.
 */
function isLookedFor({ rest: [map, bracket], before }: Call): boolean {
  if (map?.kind !== 'aggregation') return true;
  if (bracket?.text !== '[' && bracket?.text !== ',') return true;
  return before.some(
    ({ kind, text }, index) =>
      kind === 'aggregation' && text === map.text && before[index - 2]?.text !== 'delete',
  );
}

const CONDITIONS: Readonly<Record<Kind, readonly [string | undefined, string]>> = {
  BEGIN: [AT_START, '@opening[tid]'],
  END: [AT_END, '@closing[tid]'],
  interval: [undefined, '@window'],
  other: [undefined, '@window'],
};

function renamed({ kind, at }: Token, prefix: string): readonly Edit[] {
  return kind === 'aggregation' ? [{ at: at + 1, end: at + 1, text: prefix }] : [];
}

/** Marks each text with the script and the probe, and counts it in the kernel. */
function marked(probe: Probe, script: number, clause: number): readonly Edit[] {
  return calls(probe).flatMap((call) => {
    const [format] = call.rest;
    if (call.name !== 'printf' || !format) return [];
    const mark = { at: format.at + 1, end: format.at + 1, text: `script ${script} ${clause} ` };
    if (!isCounted(call)) return [mark];
    return [{ at: call.at, end: call.at, text: `@texts[${script}] = count(); ` }, mark];
  });
}

/** A printf() that is a statement has another one before it that counts it. */
function isCounted({ name, before }: Call): boolean {
  return name === 'printf' && /^[{;}]$/.test(before.at(-1)?.text ?? '');
}

const isBeforeExit = (point: string) => BEFORE_EXIT.test(point);

/** Returns the names of a script's maps in their order; '' is the one without a name. */
function mapsOf(probes: readonly Probe[]): readonly string[] {
  const tokens = probes.flatMap(({ tokens }) => tokens);
  const names = tokens
    .filter(({ kind }) => kind === 'aggregation')
    .map(({ text }) => text.slice(1));
  return [...new Set(names)];
}
