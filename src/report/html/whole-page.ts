import { readFileSync } from 'node:fs';
import { ON_DARK } from '../render/theme.ts';
import { type DrawnFigure, figureData } from './charts.ts';
import { type Content, html, trusted } from './markup.ts';
import { contentPolicy } from './policy.ts';
import { contents, drawSection, type Section } from './section.ts';

/** The parts of a page, from its top to its bottom. */
export interface Page {
  /** The title in the browser's tab. */
  readonly title: string;
  readonly heading: string;
  /** Below the heading. */
  readonly lead: Content;
  /** At least one; a link for those who use a keyboard skips to the first. */
  readonly sections: readonly [Section, ...Section[]];
  /** The figures whose data the buttons beside them save. */
  readonly drawn: readonly DrawnFigure[];
  readonly footer: Content;
  /** The version of ipc-sweep. */
  readonly version: string;
}

/**
 * The text of an HTML file that needs nothing else: style and script are in it, and its content
 * security policy lets nothing else in.
 */
export function wholePage(page: Page): string {
  const { title, heading, lead, sections, drawn, footer, version } = page;
  const style = `${asset('page.css')}\n${darkCharts()}`;
  const script = `${asset('page.js')}\n${asset('flame.js')}`;
  const [first] = sections;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="ipc-sweep ${version}">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#${first.id}">Skip to the ${first.title.toLowerCase()}</a>
<header>
<h1>${heading}</h1>
${lead}</header>
${contents(sections)}<main>
${sections.map(drawSection)}</main>
<footer><p>${footer}</p></footer>
<div id="hint" role="status" hidden></div>
${figureData(drawn)}
<script>${trusted(script)}</script>
</body>
</html>
`.text;
}

/** Replaces the colours of charts where the reader's system asks for dark pages; never on paper. */
function darkCharts(): string {
  const rules = ON_DARK.map(
    ({ attribute, light, dark }) => `  .chart [${attribute}="${light}"] { ${attribute}: ${dark}; }`,
  );
  return `@media screen and (prefers-color-scheme: dark) {
  .chart svg > rect { fill: none; }
${rules.join('\n')}
}
`;
}

function asset(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
}
