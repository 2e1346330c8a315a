import { formatSize } from '../../experiment/sizes.ts';
import { environmentFacts, environmentsOf } from '../../store/environment-rows.ts';
import { isTracedSweep } from '../../store/provenance.ts';
import { runsDone } from '../../store/reader.ts';
import { percent } from '../quantities.ts';
import { channel, range } from '../shown.ts';
import { html, type Markup } from './markup.ts';
import type { Report } from './report.ts';
import { factList } from './section.ts';

/** What was run, on what, when, and how: what a reader must know before any figure. */
export function overview(report: Report): Markup {
  const { db, sweep, provenance, cells } = report;
  const environments = environmentsOf(db, sweep.id);
  const facts = new Map(environments.flatMap(({ id }) => [...environmentFacts(db, id)]));
  const fact = (name: string) => facts.get(name);
  const sizes = cells.map(({ buffer_bytes: bytes }) => bytes).sort((a, b) => a - b);
  const totals = [...new Set(cells.map(({ total_bytes: bytes }) => bytes))].sort((a, b) => a - b);
  const hosts = new Set(environments.map(({ host }) => host));
  return factList([
    ['Sweep', `${sweep.name}-${sweep.id}`],
    ['State', `${sweep.state}; ${runsDone(db, sweep.id)} of ${sweep.planned_runs} runs done`],
    ['Started', time(sweep.started_at)],
    ['Ended', sweep.ended_at === null ? undefined : time(sweep.ended_at)],
    ['Cells', `${cells.length}: ${[...new Set(cells.map(channel))].join(', ')}`],
    ['Buffers', sizes.length > 0 && range(formatSize(sizes[0]!), formatSize(sizes.at(-1)!))],
    ['Sent by each run', totals.map(formatSize).join(', ')],
    ['Trials of each cell', trials(report)],
    ['Order', `${sweep.run_order}, seed ${sweep.seed}`],
    ['Tracer', tracer(report, fact('tracer_version'))],
    ['Untraced controls', sweep.controls === 1 ? 'one for each traced run' : 'none'],
    ['Host', [...hosts].join(', ')],
    ['System', words(fact('os_name'), fact('os_release'), fact('architecture'))],
    ['Processor', fact('cpu_model') && `${fact('cpu_model')} (${fact('cpu_count')} processors)`],
    ['Benchmark', html`<code>${provenance.benchmark_path}</code>${benchmarkSwitches(report)}`],
    ['Spec', html`<code>${sweep.spec_file.replace(/^.*\//, '')}</code>`],
  ]);
}

/** @param iso empty where it is not known, as of an import */
export function time(iso: string): Markup {
  if (iso === '') return html`not known`;
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function trials({ sweep }: Report): string {
  const { trials_min: least, trials_max: most, relative_ci: target, warmup } = sweep;
  const counted =
    target === null ? String(most) : `${least} to ${most}, until ±${percent(target)} of the median`;
  return warmup > 0 ? `${counted}, after ${warmup} warm-up` : counted;
}

function tracer({ db, sweep, provenance }: Report, version: string | undefined): string {
  if (sweep.tracer === 'none') {
    return isTracedSweep(db, sweep) ? 'none but the scripts' : 'none: no run was traced';
  }
  const instruments = provenance.instruments.split(',').filter((name) => name !== '');
  return `${words(sweep.tracer, version)}${instruments.length > 0 ? `: ${instruments.join(', ')}` : ''}`;
}

function benchmarkSwitches({ sweep }: Report): string {
  const { iterations } = sweep;
  return iterations === 1 ? '' : `, ${iterations} iterations in each run`;
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
