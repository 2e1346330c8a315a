import { COUNTER_SETS } from '../../experiment/counters.ts';
import { optionLine } from '../../experiment/given-options.ts';
import { shellWord } from '../../experiment/shell-word.ts';
import { isWithoutFile } from '../../experiment/standard-input.ts';
import { commandsOf } from '../../plan/plan.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { environmentFacts, environmentsOf } from '../../store/environment-rows.ts';
import { type ScriptProvenance, scriptProvenance } from '../../store/provenance.ts';
import { cellOf } from '../../store/reader.ts';
import { sweepHosts, sweepPrograms } from '../../store/sweep-hosts.ts';
import { optionsOf } from '../../store/sweep-options.ts';
import { hostsOf } from '../value-text.ts';
import { type Content, html, type Markup } from './markup.ts';
import { type Fact, factList, folded } from './section.ts';

/** One command for each cell, as it was passed to the system. */
export function commands({ db, sweep, provenance, cells }: SweepResults): Content {
  const options = {
    bare: sweep.bare === 1,
    iterations: sweep.iterations,
    rusage: provenance.rusage === 1,
    counters: COUNTER_SETS.find((set) => set === provenance.counters),
  };
  const hosts = hostsOf(cells);
  const known = sweepHosts(db, sweep.id);
  return [
    html`<p>Each run of a cell is one of these commands, without a shell.</p>\n`,
    ...hosts.map((host) => {
      const own = cells.filter((cell) => cell.host === host);
      const there = known.get(host);
      const paths = new Map(there?.programs.map(({ name, path }) => [name, path]));
      paths.set('', there?.benchmarkPath ?? provenance.benchmark_path);
      const pathOf = (program: string) => paths.get(program) ?? program;
      const lines = commandsOf(own.map(cellOf), options, pathOf).map((words) =>
        words.map(shellWord).join(' '),
      );
      const label = hosts.length > 1 ? `Commands on ${host}` : 'Commands';
      return html`${hosts.length > 1 && html`<h3>${label}</h3>\n`}<div class="box" role="region" tabindex="0" aria-label="${label}"><pre><code>${lines.join('\n')}</code></pre></div>
`;
    }),
  ];
}

/** The spec and the programs that traced the runs, verbatim. */
export function programs(report: SweepResults): Markup {
  const { db, sweep, provenance } = report;
  return html`${folded('The spec', provenance.spec_text, 'yaml')}${
    provenance.trace_program !== '' &&
    folded(`The tracing program, for ${sweep.tracer}`, provenance.trace_program, sweep.tracer)
  }${scriptProvenance(db, sweep.id).map((script) =>
    folded(
      `The script ${script.name}, for ${script.tracer}, ${howAttached(script)}`,
      script.text,
      script.tracer,
    ),
  )}`;
}

function howAttached({ attached, attachedBecause }: ScriptProvenance): string {
  if (attached === 'session') return 'part of the tracing program';
  return `attached to every run${attachedBecause === '' ? '' : ` (${attachedBecause})`}`;
}

/** If hosts have different programs under one name, lists all of them. */
function benchmarkHashes({ db, sweep, provenance }: SweepResults): readonly Fact[] {
  const several = sweepPrograms(db, sweep.id);
  if (several.length === 0) {
    return [['Benchmark, SHA-256', html`<code>${provenance.benchmark_sha256}</code>`]];
  }
  const names = [...new Set(several.map(({ name }) => name))];
  return names.map((name) => {
    const own = several.filter((it) => it.name === name).map(({ sha256 }) => sha256);
    return [`Benchmark ${name}, SHA-256`, html`<code>${[...new Set(own)].join(', ')}</code>`];
  });
}

export function howToReproduce(report: SweepResults, version: string): Markup {
  const { db, sweep, provenance } = report;
  // A spec without a file had no name.
  const specName = isWithoutFile(sweep.spec_file)
    ? `${sweep.name}.yaml`
    : sweep.spec_file.replace(/^.*\//, '');
  const options = optionsOf(db, sweep.id);
  const last = environmentsOf(db, sweep.id).at(-1);
  const facts = last ? environmentFacts(db, last.id) : new Map<string, string>();
  const commit = facts.get('git_commit');
  const changed = facts.get('git_dirty') === '1' ? ', with changes that were not committed' : '';
  return html`<p>Save the spec below as <code>${specName}</code>${
    scriptProvenance(db, sweep.id).length > 0 && ', and the scripts where it names them'
  }, and:</p>
<div class="box" role="region" tabindex="0" aria-label="Commands that reproduce the sweep"><pre><code>${[
    `ipc-sweep plan ${shellWord(specName)}`,
    `ipc-sweep run ${shellWord(specName)}`,
    `ipc-sweep report ${shellWord(sweep.name)}`,
  ].join('\n')}</code></pre></div>
${
  options.length > 0 &&
  html`<p>It was made with <code>${optionLine(options)}</code>; the spec below is the one that
this stands for.</p>\n`
}<p>The seed (${sweep.seed}) decides the order of the runs. With the same seed and
spec, the same runs come in the same order; what they measure is the machine's. Two reports of one database are the
same to the byte. A second sweep, on this machine or another, is held against this one by
<code>ipc-sweep compare</code>.</p>
${factList([
  ['Identity', html`<code>${provenance.identity}</code>`],
  ...benchmarkHashes(report),
  [
    'Tracing program, SHA-256',
    provenance.trace_program_sha256 && html`<code>${provenance.trace_program_sha256}</code>`,
  ],
  ['Measured by', `ipc-sweep ${facts.get('ipc_sweep_version') ?? 'of an unknown version'}`],
  ['Under', facts.get('node_version') && `Node ${facts.get('node_version')}`],
  ['Git commit', commit && html`<code>${commit}</code>${changed}`],
  ['Report by', `ipc-sweep ${version}`],
])}`;
}
