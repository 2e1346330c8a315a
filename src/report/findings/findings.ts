import { doubtLine, type SweepDoubt } from '../../analyse/doubts.ts';
import type { Judgement } from '../../analyse/expectations.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { keyWithoutProgram } from '../../experiment/cell.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { cellOf } from '../../store/reader.ts';
import { percent } from '../quantities.ts';
import { channelInFull, hostsOf, programsOf } from '../value-text.ts';
import { curveFindings } from './curves.ts';
import { directWrites } from './direct-writes.ts';
import { enumerated, type Finding } from './finding.ts';
import { foundStates } from './found-states.ts';
import { peaks } from './peaks.ts';
import type { FindingSources } from './sources.ts';

/** The headlines of a report: every sentence follows from the data by a rule, none is a guess. */
export function findings(sources: FindingSources): readonly Finding[] {
  return [
    ...doubtFindings(sources.doubts),
    ...peaks(sources),
    ...curveFindings(sources.summaries, sources.facts),
    ...hosts(sources.summaries),
    ...programs(sources),
    ...foundStates(sources),
    ...directWrites(sources),
    ...probeEffect(sources),
    ...expectations(sources.judged),
    runs(sources),
    ...sources.advice.map((text) => ({ subject: 'Advice', text: `${text}.` })),
  ];
}

/** The most kinds of doubt shown above the figures; the section on warnings has all of them. */
const MOST_DOUBTS = 8;

function doubtFindings(doubts: readonly SweepDoubt[]): readonly Finding[] {
  const serious = doubts.filter(({ note }) => !note);
  const told = serious.slice(0, MOST_DOUBTS).map((doubt): Finding => {
    const subject = doubt.code === 'missing' ? 'Missing' : 'Doubt';
    return { subject, text: `${doubtLine(doubt)}.` };
  });
  const rest = serious.length - told.length;
  if (rest <= 0) return told;
  return [...told, { subject: 'Doubt', text: `and ${rest} more kinds, under Warnings.` }];
}

/** Names the hosts, since their differences could be mistaken for an effect of the sizes. */
function hosts(summaries: readonly CellSummary[]): readonly Finding[] {
  const measured = summaries.filter(({ bandwidth }) => bandwidth).map(({ cell }) => cell);
  const names = hostsOf(measured);
  if (names.length < 2) return [];
  const shared = measured.some((cell) => cell.host_axis === 0);
  const text = shared
    ? `${names.join(', ')} share the cells: between cells of different hosts, what differs may be the machines. The summary says where each was made.`
    : `each of ${names.join(', ')} has made the whole matrix; no figure is made from runs of more than one of them.`;
  return [{ subject: 'Hosts', text }];
}

function programs({ sweep, summaries }: FindingSources): readonly Finding[] {
  const names = programsOf(summaries.map(({ cell }) => cell));
  const [first, ...others] = names;
  if (first === undefined || others.length === 0) return [];
  /** The programs that make each point of the matrix. */
  const points = new Map<string, Set<string>>();
  for (const { cell } of summaries) {
    const key = keyWithoutProgram(cellOf(cell));
    points.set(key, (points.get(key) ?? new Set()).add(cell.program));
  }
  const made = [...points.values()];
  const some = made.filter((by) => by.size < names.length).length;
  const beside = others.filter((name) => made.some((by) => by.has(first) && by.has(name)));
  const text = [
    made.some((by) => by.size > 1)
      ? `${names.join(', ')} took turns${blocksHold(sweep, some > 0)}.`
      : `${names.join(', ')} share no point of the matrix: what differs between them may be due to the points.`,
    ...(some > 0 && made.some((by) => by.size > 1)
      ? [
          `${some} of ${made.length} points of the matrix ${some === 1 ? 'is' : 'are'} not made by all of them.`,
        ]
      : []),
    ...(beside.length > 0
      ? [
          `ipc-sweep compare says how ${enumerated(beside)} ${beside.length === 1 ? 'differs' : 'differ'} from ${first}${some > 0 ? ', where both make a point' : ''}.`,
        ]
      : []),
  ].join(' ');
  return [{ subject: 'Programs', text }];
}

/** Says how the programs took turns, which the order of the runs decides. */
function blocksHold(
  { run_order: order, relative_ci: relativeCi }: FindingSources['sweep'],
  someOnly: boolean,
): string {
  const which = [
    ...(someOnly ? ['makes it'] : []),
    ...(relativeCi === null ? [] : ['still needed another trial']),
  ];
  const by = `by each of them${which.length > 0 ? ` that ${which.join(' and ')}` : ''}`;
  if (order === 'sequential') {
    return ` within each point of the matrix, one point after the other: each block holds a run of a single point ${by}`;
  }
  return `: each block holds a run of every point of the matrix ${by}`;
}

function probeEffect({ sweep, summaries }: FindingSources): readonly Finding[] {
  if (sweep.tracer === 'none' && sweep.controls === 0) return [];
  const subject = 'Cost of tracing';
  if (sweep.controls === 0) {
    const text =
      'not measured: the sweep has no untraced controls, so bandwidths are of traced runs.';
    return [{ subject, text }];
  }
  const known = summaries
    .flatMap(({ cell, probeEffect: effect }) =>
      effect?.ratio ? [{ cell, ratio: effect.ratio.ratio }] : [],
    )
    .sort((a, b) => a.ratio - b.ratio);
  const [least, most] = [known[0], known.at(-1)];
  if (!least || !most) {
    return [
      {
        subject,
        text: 'not known: in no cell are there five trials of which both the traced run and the untraced one are good.',
      },
    ];
  }
  const several = new Set(summaries.map(({ cell }) => channelInFull(cell))).size > 1;
  const at = ({ cell }: typeof least) =>
    `${several ? `${channelInFull(cell)}, ` : ''}${formatSize(cell.buffer_bytes)}`;
  const text =
    known.length === 1
      ? `a traced run has ${percent(least.ratio)} of the bandwidth of an untraced one (${at(least)}).`
      : `a traced run has from ${percent(least.ratio)} (${at(least)}) to ${percent(most.ratio)} (${at(most)}) of the bandwidth of an untraced one. Bandwidths are of untraced runs, counts of traced ones.`;
  return [{ subject, text }];
}

function expectations(judged: readonly Judgement[]): readonly Finding[] {
  if (judged.length === 0) return [];
  const kept = judged.filter(({ misses }) => misses.length === 0).length;
  const text = `${kept} of ${judged.length} ${judged.length === 1 ? 'is' : 'are'} fulfilled.`;
  return [{ subject: 'Expectations', text }];
}

function runs({ summaries, selection }: FindingSources): Finding {
  const sum = (of: (summary: CellSummary) => number) =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  const completed = sum((summary) => summary.completed);
  const suspect = sum((summary) => summary.suspect);
  const failed = sum((summary) => summary.failed);
  const all = completed + suspect + failed;
  const bad =
    suspect + failed === 0
      ? `${all} counted, all completed`
      : `${all} counted: ${completed} completed, ${suspect} suspect, ${failed} failed`;
  const entered =
    suspect === 0
      ? ''
      : selection.suspect
        ? '; suspect runs were let in'
        : '; suspect runs enter no figure';
  return { subject: 'Runs', text: `${bad}${entered}.` };
}
