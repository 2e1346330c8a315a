import { sweepTable } from '../../export/tables.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import {
  environmentFacts,
  environmentsOf,
  type StoredEnvironment,
} from '../../store/environment-rows.ts';
import type { Db } from '../../store/open.ts';
import { hostsOf, MISSING } from '../value-text.ts';
import { type Content, html, type Markup } from './markup.ts';
import { hostWords, time } from './overview.ts';
import { type Column, drawTable, tableView } from './view.ts';

/** Each machine at each start of the sweep there: a part per machine, a column per start. */
export function machineTables({ db, sweep, cells }: SweepResults): Content {
  const environments = environmentsOf(db, sweep.id);
  // Hosts are in the order of the cells, because it is chance which host began first.
  const known = hostsOf(environments);
  const hosts = hostsOf([...cells, ...environments]).filter((host) => known.includes(host));
  if (hosts.length < 2) return machineTable(db, environments);
  return hosts.map((host) => {
    const own = environments.filter((environment) => environment.host === host);
    return html`<h3>${hostWords(own[0]!)}</h3>
${machineTable(db, own)}`;
  });
}

function machineTable(db: Db, environments: readonly StoredEnvironment[]): Markup {
  const facts = environments.map(({ id }) => environmentFacts(db, id));
  const keys = [...new Set(facts.flatMap((own) => [...own.keys()]))];
  if (keys.length === 0) return html`<p>The machine was not described.</p>\n`;
  return drawTable({
    caption: 'The machine at the start of the sweep, and at each time it was continued',
    headings: [
      { label: 'fact', numeric: false },
      ...environments.map((environment) => ({
        label: html`${environment.machine}, ${time(environment.capturedAt)}`,
        numeric: false,
      })),
    ],
    rows: keys.map((key) => [
      { content: html`<code>${key}</code>`, value: key },
      ...facts.map((own) => {
        const value = own.get(key) ?? null;
        return { content: value ?? MISSING, value, prose: true };
      }),
    ]),
  });
}

export function machineWarnings(report: SweepResults): Markup | undefined {
  const columns: readonly Column[] = [
    { label: 'host', from: ['host'] },
    { label: 'code', from: ['code'] },
    { label: 'what it means', from: ['message'], prose: true },
  ];
  return tableView(
    sweepTable(report, 'environment_warnings'),
    columns,
    'Warnings about the machine',
  );
}
