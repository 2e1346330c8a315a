import { commandText } from '../execute/hook.ts';
import type { Cell } from '../experiment/cell.ts';
import { cellName } from '../experiment/cell-name.ts';
import { formatSeconds } from '../experiment/durations.ts';
import { optionLine } from '../experiment/given-options.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import type { EnvironmentWarning } from '../host/machine/warnings.ts';
import type { SweepEvent } from '../sweep/events.ts';
import { countAndNoun } from './count-and-noun.ts';
import { estimateText } from './estimate-text.ts';
import type { Progress } from './progress.ts';
import { shardLine } from './shard-line.ts';
import type { Terminal } from './terminal.ts';

/** The most cells of a changed spec that are named; a changed range may have thousands. */
const MOST_CELLS = 5;
const MOST_WARNINGS = 5;

/** Describes the events of a sweep on a terminal. */
export function narrate(event: SweepEvent, terminal: Terminal, progress: Progress): void {
  switch (event.kind) {
    case 'more':
      progress.more(event.runs);
      break;
    case 'starts':
      progress.starting(event.run, event.left);
      break;
    case 'ended':
      progress.ended(event.result);
      break;
    case 'finished':
      progress.finish();
      break;
    case 'environment':
      for (const line of warningLines(event.warnings)) {
        progress.say(`${onHost(event.host)}${line}`);
      }
      break;
    case 'hook':
      progress.say(`${onHost(event.host)}${event.hook}: ${commandText(event.words)}`);
      break;
    case 'cleanup-failed':
      progress.say(`${onHost(event.host)}the cleanup failed: ${event.failure}`);
      break;
    case 'host-gone':
      progress.say(`${event.host} has gone (${event.reason}); trying again`);
      break;
    case 'host-back':
      progress.say(`${event.host} is back; its sweep goes on`);
      break;
    case 'host-away':
      progress.say(
        `${event.host} is set aside: ${event.reason}\n  its runs stay planned; \`run\` again goes on when it is back`,
      );
      break;
    case 'given-up':
      progress.say(
        `given up${event.host === LOCAL_HOST ? '' : ` on ${event.host}`}: ${countAndNoun(event.failures, 'run')} in a row did not succeed (max_failures); \`ipc-sweep status ${event.sweep}\` lists them`,
      );
      break;
    default:
      for (const line of linesOf(event)) terminal.talk(line);
  }
}

function onHost(host: string | undefined): string {
  return host === undefined ? '' : `${host}: `;
}

type Said = Exclude<
  SweepEvent,
  {
    kind:
      | 'more'
      | 'starts'
      | 'ended'
      | 'finished'
      | 'environment'
      | 'hook'
      | 'cleanup-failed'
      | 'given-up'
      | 'host-gone'
      | 'host-back'
      | 'host-away';
  }
>;

function linesOf(event: Said): readonly string[] {
  switch (event.kind) {
    case 'differs':
      return [`${conditionsText(event.conditions)} from sweep ${event.older}: starting a new one`];
    case 'merged':
      return [
        `sweep ${event.older} was merged and goes on in the database where it was made: starting a new one`,
      ];
    case 'spec-changed':
      return changeLines(event);
    case 'other-options': {
      const before = optionLine(event.before) || 'none';
      return [`options: ${optionLine(event.now) || 'none'} (the last time: ${before})`];
    }
    case 'continues':
      return [`continuing sweep ${event.sweep}: ${event.done} of ${event.planned} runs are done`];
    case 'shard':
      return [shardLine(event)];
    case 'nothing-left': {
      if (event.onlyFailed) return ['no run has failed'];
      if (!event.complete) return [];
      return [
        `sweep ${event.sweep} is complete (${countAndNoun(event.planned, 'run')}); --fresh starts a new one`,
      ];
    }
    case 'begins':
      return beginningLines(event);
    case 'elsewhere':
      return [
        `${countAndNoun(event.cells, 'cell')} of this sweep belong to ${event.host}, which is not among its hosts now: --host ${event.host} goes on with them`,
      ];
    case 'budget-spent':
      return [
        `the budget of ${formatSeconds(event.budgetMs / 1000)} is used up; a larger one in the spec goes on`,
      ];
    case 'tuning-lost':
      return [
        `tuning-lost: ${event.target} was no longer ${event.after} when the sweep ended: somebody else sets it, too`,
      ];
    case 'not-put-back':
      return [`could not put back ${event.target}; it was ${event.before}`];
    case 'put-back-unseen':
      return [
        `could not look whether the settings of ${event.host} are back: the agent there puts them back when it ends; \`ipc-sweep doctor --tune\` there shows them`,
      ];
  }
}

function beginningLines({
  runs,
  atLeast,
  cells,
  hosts,
  tracer,
  estimate,
  notes,
}: Extract<SweepEvent, { kind: 'begins' }>): readonly string[] {
  const traced = tracer === undefined ? 'untraced' : `traced by ${tracer}`;
  const where = hosts.length === 1 && hosts[0] === LOCAL_HOST ? '' : ` on ${hosts.join(', ')}`;
  const of = `${countAndNoun(cells, 'cell')}${where}`;
  const first =
    runs > 0
      ? `${atLeast ? 'at least ' : ''}${countAndNoun(runs, 'run')} of ${of}, ${traced}, ${estimateText(estimate)}`
      : `further trials of those of ${of} that need them, ${traced}`;
  return [first, ...notes];
}

function conditionsText(conditions: readonly string[]): string {
  if (conditions.length === 0) return 'benchmark, tracing or settings differ';
  const last = conditions.length - 1;
  if (last === 0) return `${conditions[0]} differs`;
  return `${conditions.slice(0, last).join(', ')} and ${conditions[last]} differ`;
}

function changeLines({
  only,
  added,
  kept,
  removed,
}: Extract<SweepEvent, { kind: 'spec-changed' }>): readonly string[] {
  const named = (what: string, cells: readonly Cell[]) => {
    if (cells.length === 0) return [];
    const names = cells.slice(0, MOST_CELLS).map(cellName);
    const more = cells.length - names.length;
    return [`  ${what}: ${names.join('; ')}${more > 0 ? `; and ${more} more` : ''}`];
  };
  const what = only ? 'some of the cells only' : 'the spec has changed';
  return [
    `${what}: ${countAndNoun(added.length, 'new cell')}, ${kept} kept, ${removed.length} no longer asked for (their runs stay stored)`,
    ...named('new', added),
    ...named('no longer asked for', removed),
  ];
}

/** Shows a limited number of warnings; the rest are only counted. */
function warningLines(warnings: readonly EnvironmentWarning[]): readonly string[] {
  const rest = warnings.length - MOST_WARNINGS;
  return [
    ...warnings.slice(0, MOST_WARNINGS).map(({ code, message }) => `${code}: ${message}`),
    ...(rest > 0 ? [`and ${rest} more: \`ipc-sweep doctor\` lists them`] : []),
  ];
}
