// npm run docs, one part: writes the tables of docs/csv.md anew from their definitions.
import { readFileSync, writeFileSync } from 'node:fs';
import { renewed } from '../../dist/export/column-docs.js';

const page = new URL('../../docs/csv.md', import.meta.url);
writeFileSync(page, renewed(readFileSync(page, 'utf8')));
