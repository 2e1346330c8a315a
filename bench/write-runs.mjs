// Writes runs.csv of the first sweep of a database alone, and prints the seconds of processor time that it took.
// Usage: node bench/write-runs.mjs DATABASE FOLDER
import Database from 'better-sqlite3';
import { writeCsv } from '../dist/export/csv.js';
import { RUNS } from '../dist/export/run-tables.js';
import { tableOf } from '../dist/export/table.js';
import { runRows } from '../dist/store/run-rows.js';

const [, , file, folder] = process.argv;
const db = new Database(file, { readonly: true });
const before = process.cpuUsage();
await writeCsv(folder, [tableOf(RUNS, () => runRows(db, 1), undefined)], {
  preset: 'analysis',
  semicolon: false,
});
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1e6);
