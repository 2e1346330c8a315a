import { WHY_NOMINAL } from '../../analyse/precision.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { LOCAL_HOST } from '../../host/host-name.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import {
  environmentFacts,
  environmentsOf,
  lastEnvironments,
  type StoredEnvironment,
  sharedFacts,
} from '../../store/environment-rows.ts';
import { isTracedSweep } from '../../store/provenance.ts';
import { type CellRow, runsDone } from '../../store/reader.ts';
import { sweepPrograms } from '../../store/sweep-hosts.ts';
import { percent } from '../quantities.ts';
import { channel, range } from '../value-text.ts';
import { html, type Markup } from './markup.ts';
import { type Fact, factList } from './section.ts';

/** The basics that a reader must know before any figure: what was run, on what, when, and how. */
export function overview(report: SweepResults): Markup {
  const { db, sweep, cells } = report;
  const hosts = [...lastEnvironments(db, sweep.id).values()];
  const environments = environmentsOf(db, sweep.id);
  // With one host its last environment counts, with several only what they have in common.
  const facts =
    hosts.length > 1
      ? sharedFacts(db, hosts)
      : new Map(environments.flatMap(({ id }) => [...environmentFacts(db, id)]));
  const fact = (name: string) => facts.get(name);
  const unlike = (known: string | undefined | '') =>
    known || (hosts.length > 1 ? 'not the same on every host: see Environment' : undefined);
  const sizes = cells.map(({ buffer_bytes: bytes }) => bytes).sort((a, b) => a - b);
  const totals = [...new Set(cells.map(({ total_bytes: bytes }) => bytes))].sort((a, b) => a - b);
  return factList([
    ['Sweep', `${sweep.name}-${sweep.id}`],
    ['State', `${sweep.state}; ${runsDone(db, sweep.id)} of ${sweep.planned_runs} runs done`],
    ['Note', sweep.note !== '' && sweep.note],
    ['Started', time(sweep.started_at)],
    ['Ended', sweep.ended_at === null ? undefined : time(sweep.ended_at)],
    ['Cells', `${cells.length}: ${[...new Set(cells.map(channel))].join(', ')}`],
    ['Buffers', sizes.length > 0 && range(formatSize(sizes[0]!), formatSize(sizes.at(-1)!))],
    [sentBy(report), totals.map(formatSize).join(', ')],
    ['Trials of each cell', trials(report)],
    ['Order', `${sweep.run_order}, seed ${sweep.seed}`],
    ['Tracer', tracer(report, fact('tracer_version'))],
    ['Untraced controls', sweep.controls === 1 ? 'one for each traced run' : 'none'],
    [hosts.length > 1 ? 'Hosts' : 'Host', hostList(hosts)],
    ...(hosts.length > 1 ? [['Shared out', assignment(cells)] as const] : []),
    ['System', unlike(words(fact('os_name'), fact('os_release'), fact('architecture')))],
    [
      'Processor',
      unlike(fact('cpu_model') && `${fact('cpu_model')} (${fact('cpu_count')} processors)`),
    ],
    ...benchmarks(report),
    ['Spec', html`<code>${sweep.spec_file.replace(/^.*\//, '')}</code>`],
  ]);
}

/** `board-1 (raspberrypi)`; only the machine's own name if there is nothing else to say. */
export function hostWords({ host, machine }: Pick<StoredEnvironment, 'host' | 'machine'>): string {
  return host === '' || host === machine ? machine : `${host} (${machine})`;
}

function hostList(hosts: readonly StoredEnvironment[]): string {
  const [only] = hosts;
  if (hosts.length === 1 && only?.host === LOCAL_HOST) return only.machine;
  return hosts.map(hostWords).join(', ');
}

function assignment(cells: readonly CellRow[]): string {
  return cells.some((cell) => cell.host_axis === 1)
    ? 'each host makes the whole matrix; the host is one more axis'
    : 'whole cells: every run of a cell is made on one host';
}

/** @param iso empty if not known, as for an import */
export function time(iso: string): Markup {
  if (iso === '') return html`not known`;
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

/** The total size is that of one iteration. */
function sentBy({ sweep }: SweepResults): string {
  return sweep.iterations === 1 && sweep.iterations_as_runs === 0
    ? 'Sent by each run'
    : 'Sent in each iteration';
}

function trials({ sweep }: SweepResults): string {
  const { trials_min: least, trials_max: most, relative_ci: target, warmup } = sweep;
  const counted =
    target === null
      ? String(most)
      : `${least} to ${most}, until ±${percent(target)} of the median; the 95% intervals are nominal: ${WHY_NOMINAL}`;
  return warmup > 0 ? `after ${warmup} warm-up, ${counted}` : counted;
}

function tracer({ db, sweep, provenance }: SweepResults, version: string | undefined): string {
  if (sweep.tracer === 'none') {
    return isTracedSweep(db, sweep) ? 'none but the scripts' : 'none: no run was traced';
  }
  const instruments = provenance.instruments.split(',').filter((name) => name !== '');
  return `${words(sweep.tracer, version)}${instruments.length > 0 ? `: ${instruments.join(', ')}` : ''}`;
}

function benchmarks(report: SweepResults): readonly Fact[] {
  const { db, sweep, provenance } = report;
  const switches = benchmarkSwitches(report);
  const several = sweepPrograms(db, sweep.id);
  if (several.length === 0) {
    return [['Benchmark', html`<code>${provenance.benchmark_path}</code>${switches}`]];
  }
  const names = [...new Set(several.map(({ name }) => name))];
  return names.map((name) => {
    const paths = [...new Set(several.filter((it) => it.name === name).map(({ path }) => path))];
    return [`Benchmark ${name}`, html`<code>${paths.join(', ')}</code>${switches}`];
  });
}

function benchmarkSwitches({ sweep }: SweepResults): string {
  const { iterations } = sweep;
  return iterations === 1 ? '' : `, ${iterations} iterations in each run`;
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
