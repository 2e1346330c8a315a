// Part of npm run docs: regenerates the tables of docs/csv.md from their definitions.
import { readFileSync, writeFileSync } from 'node:fs';
import { renewed } from '../../dist/export/column-docs.js';

const page = new URL('../../docs/csv.md', import.meta.url);
writeFileSync(page, renewed(readFileSync(page, 'utf8')));
