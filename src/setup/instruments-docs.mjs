// Part of npm run docs: regenerates what docs/instruments.md has from the definitions.
import { readFileSync, writeFileSync } from 'node:fs';
import { renewedInstrumentsPage } from '../../dist/export/instruments-page.js';

const page = new URL('../../docs/instruments.md', import.meta.url);
writeFileSync(page, renewedInstrumentsPage(readFileSync(page, 'utf8')));
