import { type DocumentedTable, documentedTables } from '../store/schema-docs.ts';
import { code, linked, markdownTable } from './column-docs.ts';

/** Text between these lines is generated from the schema; the rest is written by hand. */
const MARKED = /(<!-- (tables|views) -->\n)[\s\S]*?(<!-- end of \2 -->)/g;

/** Returns the text of docs/database.md with its tables updated from the schema. */
export function renewedDatabasePage(text: string): string {
  const all = documentedTables();
  const overview = all.find(({ name }) => name === 'run_overview');
  const ofRun = overview?.columns.map(({ name }) => name) ?? [];
  return text.replace(MARKED, (_, begin: string, kinds: string, end: string) => {
    const sections = all
      .filter(({ kind }) => `${kind}s` === kinds)
      .map((own) => sectionOf(own, own === overview ? [] : ofRun));
    return `${begin}\n${sections.join('\n')}\n${end}`;
  });
}

/** @param met columns that a reader has already met, with which many views begin */
function sectionOf({ name, meaning, columns }: DocumentedTable, met: readonly string[]): string {
  const begins = met.length > 0 && met.every((known, at) => columns[at]?.name === known);
  const rows = columns
    .slice(begins ? met.length : 0)
    .map((column) => [code(column.name), column.type, column.unit, linked(column.meaning)]);
  const first = begins ? [[met.map(code).join(', '), '', '', 'as in `run_overview`']] : [];
  return `## ${name}\n\n${linked(meaning)}\n\n${markdownTable([...first, ...rows])}`;
}
