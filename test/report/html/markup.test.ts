import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, jsonForScript, trusted } from '../../../src/report/html/markup.ts';

/** Any text, and often the kind that means trouble. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('<', '>', '"', "'", '&', '</script>', '<!--', ']]>', '&lt;', '\0', '\r'))
    .map((parts) => parts.join('')),
);

/** Text of an element or attribute, as a browser reads it. */
function read(markup: string): string {
  return markup
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

describe('html', () => {
  it('lets no text open or close an element, or end an attribute', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [attribute, content] = html`<p title="${text}">${text}</p>`.text
          .replace(/^<p title="([\s\S]*)<\/p>$/, '$1')
          .split('">', 2);
        for (const part of [attribute!, content!]) expect(part).not.toMatch(/[<>"']/);
        expect(attribute).toBe(content);
      }),
    );
  });

  it('keeps every printable text unchanged', () => {
    const printable = fc.string({ unit: fc.constantFrom(...'aZ09 <>&"\'=|ü✓\n\t;#') });
    fc.assert(
      fc.property(printable, (text) => {
        expect(read(html`${text}`.text)).toBe(text);
      }),
    );
  });

  it('holds no character that HTML forbids', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(html`${text}`.text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]|\p{Surrogate}/u);
      }),
    );
  });

  it('shows control characters, and lets no text hide by a change of its direction', () => {
    expect(html`${'\x1b[2J\u202Egnp.exe'}`.text).toBe('␛[2J\uFFFDgnp.exe');
  });

  it('inserts markup unchanged, lists item by item, and nothing for a missing value', () => {
    const items = ['a', 'b<'].map((text) => html`<li>${text}</li>`);
    expect(html`${items}${undefined}${null}${false}${0}${trusted('<hr>')}`.text).toBe(
      '<li>a</li><li>b&lt;</li>0<hr>',
    );
  });
});

describe('jsonForScript', () => {
  it('reads back unchanged, and never contains what would end a script', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(hostile, fc.double({ noNaN: true }), fc.boolean())),
        (value) => {
          const { text } = jsonForScript(value);
          expect(text).not.toContain('<');
          expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });
});
