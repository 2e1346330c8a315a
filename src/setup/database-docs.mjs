// Part of npm run docs: regenerates the tables of docs/database.md from the schema.
import { readFileSync, writeFileSync } from 'node:fs';
import { renewedDatabasePage } from '../../dist/export/database-page.js';

const page = new URL('../../docs/database.md', import.meta.url);
writeFileSync(page, renewedDatabasePage(readFileSync(page, 'utf8')));
