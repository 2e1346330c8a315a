import { type Content, html, type Markup } from './markup.ts';

/** A part of the page, in the order of its table of contents. */
export interface Section {
  /** The fragment of the address: `report.html#summary`. */
  readonly id: string;
  readonly title: string;
  readonly body: Content;
}

export function drawSection({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}</section>

`;
}

/** A section, or nothing if there is nothing to say. */
export function section(
  id: string,
  title: string,
  ...parts: readonly (Markup | undefined)[]
): Section | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length > 0 ? { id, title, body: known } : undefined;
}

export function paragraph(content: Content): Markup {
  return html`<p>${content}</p>\n`;
}

export function contents(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Contents"><ol>
${sections.map(
  ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>
`,
)}</ol></nav>
`;
}

/** A name and its value. */
export type Fact = readonly [string, Content];

/** A list of facts; missing ones are left out. */
export function factList(facts: readonly Fact[], { single = false } = {}): Markup {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  return html`<dl class="${single ? 'facts single' : 'facts'}">
${known.map(
  ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
`;
}

/** A text of any length that is looked up rather than read. */
export function folded(title: Content, text: string, language: string): Markup {
  return html`<details><summary>${title}</summary>
<div class="box" role="region" tabindex="0" aria-label="${title}"><pre><code class="${language}">${text}</code></pre></div>
</details>
`;
}
