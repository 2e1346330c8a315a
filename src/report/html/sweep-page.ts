import { ITERATIONS } from '../../analyse/doubts.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { isTracedSweep } from '../../store/provenance.ts';
import { findings } from '../findings/findings.ts';
import { charts, type DrawnFigure } from './charts.ts';
import { curveTables } from './curves.ts';
import { machineTables, machineWarnings } from './machine.ts';
import { html, type Markup } from './markup.ts';
import {
  cellWarningTable,
  counterTable,
  expectationList,
  missTable,
  pipeStateTable,
  probeEffectTable,
  summaryTable,
  syscallTable,
} from './measurements.ts';
import { overview } from './overview.ts';
import { profiles } from './profiles.ts';
import { commands, howToReproduce, programs } from './reproduce.ts';
import { runsWithProblems, runWarnings } from './runs-with-problems.ts';
import { paragraph, type Section, section } from './section.ts';
import { wholePage } from './whole-page.ts';

/**
 * The report of a sweep: a single HTML file that needs nothing else. The same database, figures and
 * version always give the same text.
 */
export function sweepPage(
  report: SweepResults,
  drawn: readonly DrawnFigure[],
  version: string,
): string {
  const { sweep } = report;
  return wholePage({
    title: `${sweep.name}: report of an ipc-sweep`,
    heading: sweep.name,
    lead: [
      sweep.description !== '' && html`<p class="lead">${sweep.description}</p>\n`,
      overview(report),
    ],
    sections: sectionsOf(report, drawn, version),
    drawn,
    footer: `Written by ipc-sweep ${version} from sweep ${sweep.name}-${sweep.id}. Sizes are binary: 1 KiB is 1024 bytes.`,
    version,
  });
}

function sectionsOf(
  report: SweepResults,
  drawn: readonly DrawnFigure[],
  version: string,
): readonly [Section, ...Section[]] {
  const { db, sweep, selection } = report;
  const traced = isTracedSweep(db, sweep);
  const absent = new Map(report.missing.map(({ name, reason }) => [name, reason]));
  const uncounted = (instrument: string) => {
    if (!traced) return 'Nothing was traced in this sweep.';
    const reason = absent.get(instrument);
    return reason === undefined ? 'None were counted.' : `Not looked at: ${reason}.`;
  };
  const others: readonly (Section | undefined)[] = [
    {
      id: 'summary',
      title: 'Summary',
      body: [
        paragraph(
          sweep.iterations_as_runs === 1
            ? `n counts ${ITERATIONS}, which depend on each other: there is no interval.`
            : `n counts runs, each a process of its own. ${selection.suspect ? 'Suspect runs were let in. ' : ''}The interval is that of the median; for fewer than five runs there is none.`,
        ),
        summaryTable(report) ?? paragraph('The sweep has no cells.'),
      ],
    },
    section('curve', 'What the curve says', ...curveTables(report)),
    {
      id: 'charts',
      title: 'Charts',
      body: drawn.length > 0 ? charts(drawn) : paragraph('There is nothing to draw yet.'),
    },
    {
      id: 'probe-effect',
      title: 'Probe effect',
      body:
        (sweep.controls === 1 && probeEffectTable(report)) ||
        paragraph(
          traced
            ? 'Not measured: the sweep has no untraced controls (trace.controls in the spec).'
            : uncounted(''),
        ),
    },
    {
      id: 'system-calls',
      title: 'System calls',
      body: syscallTable(report) ?? paragraph(uncounted('syscalls')),
    },
    {
      id: 'pipe-states',
      title: 'Pipe states',
      body: pipeStateTable(report) ?? paragraph(uncounted('pipe-states')),
    },
    section('counters', 'Counters', counterTable(report)),
    section('profiles', 'Where the time goes', ...profiles(report)),
    section('expectations', 'Expectations', expectationList(report), missTable(report)),
    {
      id: 'runs',
      title: 'Suspect and failed runs',
      body: runsWithProblems(report) ?? paragraph('None: every run that is stored has completed.'),
    },
    section(
      'warnings',
      'Warnings',
      cellWarningTable(report),
      machineWarnings(report),
      runWarnings(report),
    ),
    { id: 'environment', title: 'Environment', body: machineTables(report) },
    { id: 'commands', title: 'Commands', body: commands(report) },
    {
      id: 'reproduce',
      title: 'How to reproduce it',
      body: [howToReproduce(report, version), programs(report)],
    },
  ];
  const found: Section = { id: 'findings', title: 'Findings', body: findingList(report) };
  return [found, ...others.filter((one) => one !== undefined)];
}

function findingList(report: SweepResults): Markup {
  const found = findings(report);
  return html`<ul class="findings">
${found.map(
  ({ subject, text }) => html`<li><strong>${subject}:</strong> ${text}</li>
`,
)}</ul>
`;
}
