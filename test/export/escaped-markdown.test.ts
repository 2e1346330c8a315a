import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapedMarkdown, markdownCode } from '../../src/export/escaped-markdown.ts';
import { markdownOf } from '../../src/export/markdown.ts';
import { onOneLine } from '../../src/export/text-table.ts';

const shown = (markdown: string) =>
  markdown
    .replaceAll('&#8203;', '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

describe('foreign text in Markdown', () => {
  it('is shown as it is, without what could be markup', () => {
    const line = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(line, (text) => {
        const escaped = escapedMarkdown(text);
        expect(shown(escaped)).toBe(onOneLine(text));
        expect(escaped.replace(/&#\d+;/g, '')).not.toMatch(/[#$&*<>@[\]\\_`|~]/);
      }),
    );
  });

  it.each([
    ['a|b', 'a&#124;b'],
    ['</details><img src=x>', '&#60;/details&#62;&#60;img src=x&#62;'],
    ['`code` **bold** [a](b)', '&#96;code&#96; &#42;&#42;bold&#42;&#42; &#91;a&#93;(b)'],
    ['http://x www.x', 'http&#58;//x www&#46;x'],
    ['1. one', '1&#46; one'],
    ['- item', '&#45; item'],
    ['---', '&#45;--'],
    ['-1.5 %', '-1.5 %'],
    ['12.5', '12.5'],
    ['mailto:a :smile:', 'mailto&#58;a &#58;smile:'],
    ['&amp;', '&#38;amp;'],
    ['by @all of #1', 'by &#64;&#8203;all of &#35;&#8203;1'],
    ['root@board-1', 'root&#64;board-1'],
    ['a\nb\x1b[1m', 'a b &#91;1m'],
  ])('is escaped: %j becomes %j', (text, markdown) => {
    expect(escapedMarkdown(text)).toBe(markdown);
  });

  it('can be copied from a code span', () => {
    expect(markdownCode('ipc-sweep compare @1 @2')).toBe(
      '<code>ipc-sweep compare &#64;1 &#64;2</code>',
    );
  });

  it('mentions no user and no issue in an exported table', () => {
    const table = markdownOf({
      ...{ name: 'summary', caption: '@all', rows: [['see #1']], notes: ['by @all'] },
      columns: [{ heading: '@all', kind: 'word' }],
    });
    expect(table).not.toMatch(/@(?=\w)|(?<!&)#(?=\w)/);
    expect(table.match(/&#64;&#8203;all|&#35;&#8203;1/g)).toHaveLength(4);
  });
});
