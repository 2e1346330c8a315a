// Part of npm run docs: regenerates docs/commands.md and docs/ipc-sweep.1 from the declared
// commands.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { commandsPage } from '../../dist/cli/manual/commands-page.js';
import { manPage } from '../../dist/cli/manual/man-page.js';

const page = new URL('../../docs/commands.md', import.meta.url);
const manual = new URL('../../docs/ipc-sweep.1', import.meta.url);

writeFileSync(page, commandsPage());
// A manual carries the date of its last change, not of the last time that it was generated.
const before = existsSync(manual) ? readFileSync(manual, 'utf8') : '';
const dated = /^\.Dd (.*)$/m.exec(before)?.[1];
if (dated === undefined || manPage(dated) !== before) {
  /** @type {Intl.DateTimeFormatOptions} */
  const form = { year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' };
  writeFileSync(manual, manPage(new Intl.DateTimeFormat('en-US', form).format(new Date())));
}
