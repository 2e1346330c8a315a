import type { Figure } from '../figure.ts';
import { valueText } from '../value-text.ts';
import { html, jsonForScript, type Markup, trusted } from './markup.ts';
import { drawTable } from './view.ts';

/** A figure and its drawing, an SVG document. */
export interface DrawnFigure {
  readonly figure: Figure;
  readonly svg: string;
}

/** Each chart with its caption, its buttons, and its data as a table. */
export function charts(drawn: readonly DrawnFigure[]): readonly Markup[] {
  return drawn.map(
    ({ figure, svg }) => html`<figure id="${figure.name}">
<h3 id="${figure.name}-title">${figure.title}</h3>
<div class="chart" data-figure="${figure.name}">${accessible(svg, figure)}</div>
<figcaption>${figure.caption}</figcaption>
<p class="downloads" hidden>Download ${['SVG', 'PNG', 'CSV'].map(
      (format) =>
        html`<button type="button" data-format="${format.toLowerCase()}" aria-label="Download ${format}: ${figure.title}">${format}</button> `,
    )}</p>
<details class="data"><summary>Data of this chart (${figure.data.rows.length} rows)</summary>
${dataTable(figure)}</details>
</figure>
`,
  );
}

/**
 * The drawing as a single picture with a name and a description. It gets no title element, because
 * browsers would show it as a tooltip wherever the pointer rests; a saved picture does get one.
 */
function accessible(svg: string, { name, alt }: Figure): Markup {
  const root = /^<svg\b[^>]*>/.exec(svg)?.[0];
  if (root === undefined) throw new Error(`figure ${name} is not drawn as SVG`);
  const opening = root.slice(0, -1);
  return html`${trusted(opening)} role="img" aria-labelledby="${name}-title" aria-describedby="${name}-alt"><desc id="${name}-alt">${alt}</desc>${trusted(svg.slice(root.length))}`;
}

function dataTable({ title, data: { columns, rows } }: Figure): Markup {
  return drawTable({
    caption: `Data: ${title}`,
    headings: columns.map((label, at) => ({
      label: label.replaceAll('_', ' '),
      numeric: rows.some((row) => typeof row[at] === 'number'),
    })),
    rows: rows.map((row) =>
      row.map((value, at) => ({ content: valueText(columns[at]!, value), value })),
    ),
  });
}

/** The data that the buttons save, once for all charts. */
export function figureData(drawn: readonly DrawnFigure[]): Markup {
  const data = drawn.map(({ figure: { name, title, data } }) => ({ name, title, ...data }));
  return html`<script type="application/json" id="figures">${jsonForScript(data)}</script>`;
}
