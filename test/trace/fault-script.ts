import fc from 'fast-check';
import type { RecordedRun, RecordedSession } from './recording.ts';
import type { Step } from './stand-in-tracer.ts';

/** Something that goes wrong in one run; places are taken modulo what there is. */
export type Fault =
  /** The run's bytes come in pieces, with a pause between them. */
  | {
      readonly kind: 'split';
      readonly run: number;
      readonly at: readonly number[];
      readonly ms: number;
    }
  | { readonly kind: 'delay'; readonly run: number; readonly at: number; readonly ms: number }
  | { readonly kind: 'die'; readonly run: number; readonly at: number; readonly how: Death }
  | { readonly kind: 'stall'; readonly run: number; readonly at: number }
  /** Lines are missing, and the tracer says that something was lost. */
  | { readonly kind: 'drop'; readonly run: number; readonly at: number; readonly lines: number }
  /** Another benchmark runs, and its counts come in between. */
  | { readonly kind: 'foreign'; readonly run: number; readonly at: number; readonly pid: number }
  | { readonly kind: 'no-end'; readonly run: number }
  | { readonly kind: 'no-ready' }
  | { readonly kind: 'extra'; readonly run: number; readonly at: number; readonly text: string }
  /** Lines come after the end marker, or with the next run. */
  | {
      readonly kind: 'late';
      readonly run: number;
      readonly at: number;
      readonly lines: number;
      readonly next: boolean;
    }
  | { readonly kind: 'swap'; readonly run: number; readonly at: number }
  | { readonly kind: 'garble'; readonly run: number; readonly at: number; readonly byte: number }
  | { readonly kind: 'truncate'; readonly run: number; readonly at: number; readonly bytes: number }
  | { readonly kind: 'duplicate'; readonly run: number; readonly at: number }
  | { readonly kind: 'vanish'; readonly run: number; readonly at: number };

type Death = { readonly exit: number } | { readonly signal: NodeJS.Signals };

/**
 * - `kept`: what the tracer prints is what it counted, in order, until it dies or falls silent.
 * - `late`: nothing is changed, but some of it comes when the run's end has been told already.
 * - `falsified`: the text itself is changed, which a pipe never does.
 */
export type FaultClass = 'kept' | 'late' | 'falsified';

export function classOf(fault: Fault): FaultClass {
  switch (fault.kind) {
    case 'late':
    case 'swap':
      return 'late';
    case 'garble':
    case 'truncate':
    case 'duplicate':
    case 'vanish':
      return 'falsified';
    default:
      return 'kept';
  }
}

const run = fc.nat(2);
const at = fc.nat(1_000_000);
const death = fc.oneof(
  fc.constantFrom<Death>({ exit: 0 }, { exit: 1 }, { exit: 2 }),
  fc.constantFrom<Death>({ signal: 'SIGKILL' }, { signal: 'SIGSEGV' }),
);

export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('split' as const),
    run,
    at: fc.array(at, { maxLength: 6 }),
    ms: fc.constantFrom(0, 0, 1),
  }),
  fc.record({ kind: fc.constant('delay' as const), run, at, ms: fc.constantFrom(0, 1, 5, 60) }),
  fc.record({ kind: fc.constant('die' as const), run, at, how: death }),
  fc.record({ kind: fc.constant('stall' as const), run, at }),
  fc.record({
    kind: fc.constant('drop' as const),
    run,
    at,
    lines: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({
    kind: fc.constant('foreign' as const),
    run,
    at,
    pid: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({ kind: fc.constant('no-end' as const), run }),
  fc.record({ kind: fc.constant('no-ready' as const) }),
  fc.record({
    kind: fc.constant('extra' as const),
    run,
    at,
    text: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('end 1', 'ready', 'start 1', '{"type": "map", "data": {}}', '{}'),
    ),
  }),
  fc.record({
    kind: fc.constant('late' as const),
    run,
    at,
    lines: fc.integer({ min: 1, max: 40 }),
    next: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('swap' as const), run, at }),
  fc.record({ kind: fc.constant('garble' as const), run, at, byte: fc.nat(255) }),
  fc.record({
    kind: fc.constant('truncate' as const),
    run,
    at,
    bytes: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({ kind: fc.constant('duplicate' as const), run, at }),
  fc.record({ kind: fc.constant('vanish' as const), run, at }),
);

export const faults = fc.array(anyFault, { maxLength: 3, size: 'max' });

/** How a run's part of a script begins: when the tracer is told of it. */
const BEGIN = 'run';
/** The word for which a tracer that has to be asked waits. */
const ASK = 'ask';

/**
 * The steps of a tracer that plays three runs of a recorded session, with faults.
 * @param asked the tracer prints when it is asked, twice for each run, each time with a marker
 */
export function stepsOf(
  session: RecordedSession,
  runs: readonly RecordedRun[],
  faults: readonly Fault[],
  asked: boolean,
): readonly Step[] {
  const steps: Step[] = [];
  if (!faults.some(({ kind }) => kind === 'no-ready')) steps.push(...session.preamble.map(lineOut));
  let carried: string[] = [];
  for (const [index, recorded] of runs.entries()) {
    const own = faults.filter((fault) => 'run' in fault && fault.run === index);
    const lines = [...carried, recorded.start, ...recorded.lines];
    carried = [];
    const end = own.some(({ kind }) => kind === 'no-end') ? [] : [recorded.end];
    const half = asked ? Math.floor(lines.length / 2) : lines.length;
    const first = [...lines.slice(0, half), ...end];
    const second = asked ? [...lines.slice(half), ...end] : [];
    for (const fault of own) changeLines(fault, session, asked ? second : first, carried);
    steps.push({ told: BEGIN });
    if (asked) steps.push({ told: ASK }, ...bytesOf(first, []), { told: ASK });
    steps.push(...bytesOf(asked ? second : first, own));
  }
  return steps;
}

function changeLines(
  fault: Fault,
  session: RecordedSession,
  lines: string[],
  carried: string[],
): void {
  if (lines.length < 2) return;
  switch (fault.kind) {
    case 'drop': {
      const place = fault.at % (lines.length - 1);
      lines.splice(place, Math.min(fault.lines, lines.length - 1 - place));
      if (session.tracer === 'bpftrace') {
        lines.splice(place, 0, '{"type": "lost_events", "data": {"events": 3}}');
      } else lines.splice(place, 0, STDERR_HERE);
      break;
    }
    case 'foreign': {
      const place = fault.at % lines.length;
      // bpftrace counts no strangers; a D program does, and tells them by their pids.
      const strangers =
        session.tracer === 'bpftrace'
          ? []
          : session.runs[0]!.lines.map((line) => renumbered(line, fault.pid));
      lines.splice(place, 0, markerOf(session, `foreign ${fault.pid}`), ...strangers);
      break;
    }
    case 'extra':
      lines.splice(fault.at % lines.length, 0, fault.text.replaceAll('\n', ' '));
      break;
    case 'late': {
      const place = fault.at % (lines.length - 1);
      const late = lines.splice(place, Math.min(fault.lines, lines.length - 1 - place));
      if (fault.next) carried.push(...late);
      else lines.push(...late);
      break;
    }
    case 'swap': {
      const place = fault.at % (lines.length - 1);
      lines.splice(place, 2, lines[place + 1]!, lines[place]!);
      break;
    }
    case 'duplicate': {
      const place = fault.at % lines.length;
      lines.splice(place, 0, lines[place]!);
      break;
    }
    case 'vanish':
      lines.splice(fault.at % lines.length, 1);
      break;
  }
}

/** Stands for a line on stderr at its place among those on stdout. */
const STDERR_HERE = '\u0000stderr';

function bytesOf(lines: readonly string[], faults: readonly Fault[]): readonly Step[] {
  const steps: Step[] = [];
  let pending: string[] = [];
  const flush = () => {
    if (pending.length > 0) {
      steps.push(...cutBytes(Buffer.from(pending.map((line) => `${line}\n`).join('')), faults));
    }
    pending = [];
  };
  for (const line of lines) {
    if (line !== STDERR_HERE) pending.push(line);
    else {
      flush();
      steps.push({ err: 'dtrace: 1027 aggregation drops on CPU 0\n' });
    }
  }
  flush();
  return steps;
}

function cutBytes(bytes: Buffer, faults: readonly Fault[]): readonly Step[] {
  let text = bytes;
  const stops: { at: number; steps: readonly Step[] }[] = [];
  for (const fault of faults) {
    switch (fault.kind) {
      case 'garble':
        text = Buffer.from(text);
        text[fault.at % text.length] = fault.byte;
        break;
      case 'truncate': {
        const place = fault.at % text.length;
        text = Buffer.concat([text.subarray(0, place), text.subarray(place + fault.bytes)]);
        if (text.length === 0) text = Buffer.from('\n');
        break;
      }
      case 'split':
        for (const place of fault.at) {
          stops.push({ at: place % text.length, steps: [{ wait: fault.ms }] });
        }
        break;
      case 'delay':
        stops.push({ at: fault.at % text.length, steps: [{ wait: fault.ms }] });
        break;
      case 'die':
        stops.push({ at: fault.at % (text.length + 1), steps: [fault.how] });
        break;
      case 'stall':
        stops.push({ at: fault.at % (text.length + 1), steps: [{ told: 'never' }] });
        break;
    }
  }
  const steps: Step[] = [];
  let done = 0;
  for (const stop of stops.sort((a, b) => a.at - b.at)) {
    if (stop.at > done) steps.push({ out: text.subarray(done, stop.at).toString('base64') });
    done = Math.max(done, stop.at);
    steps.push(...stop.steps);
  }
  if (done < text.length) steps.push({ out: text.subarray(done).toString('base64') });
  return steps;
}

function lineOut(line: string): Step {
  return { out: Buffer.from(`${line}\n`).toString('base64') };
}

function markerOf(session: RecordedSession, text: string): string {
  return session.tracer === 'bpftrace'
    ? JSON.stringify({ type: 'printf', data: `${text}\n` })
    : text;
}

/** The same counts, of a process and its child that have nothing to do with the run. */
function renumbered(line: string, pid: number): string {
  const [word, old, , ...rest] = line.split(' ');
  return [word, pid + (Number(old) % 2), pid, ...rest].join(' ');
}
