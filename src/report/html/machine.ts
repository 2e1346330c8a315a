import { environmentFacts, environmentsOf } from '../../store/environment-rows.ts';
import { MISSING } from '../shown.ts';
import { html, type Markup } from './markup.ts';
import { time } from './overview.ts';
import type { Report } from './report.ts';
import { type Column, drawTable, tableView } from './view.ts';

/** What the machine was at each start of the sweep: a column for each, where there were several. */
export function machineTable({ db, sweep }: Report): Markup {
  const environments = environmentsOf(db, sweep.id);
  const facts = environments.map(({ id }) => environmentFacts(db, id));
  const keys = [...new Set(facts.flatMap((own) => [...own.keys()]))];
  if (keys.length === 0) return html`<p>The machine was not described.</p>\n`;
  return drawTable({
    caption: 'The machine at the start of the sweep, and at each time it was continued',
    headings: [
      { label: 'fact', numeric: false },
      ...environments.map(({ host, capturedAt }) => ({
        label: html`${host}, ${time(capturedAt)}`,
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

export function machineWarnings(report: Report): Markup | undefined {
  const columns: readonly Column[] = [
    { label: 'host', from: ['host'] },
    { label: 'code', from: ['code'] },
    { label: 'what it means', from: ['message'], prose: true },
  ];
  return tableView(report.table('environment_warnings'), columns, 'Warnings about the machine');
}
