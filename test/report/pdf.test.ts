import { describe, expect, it } from 'vitest';
import type { Figure } from '../../src/report/figure.ts';
import { pdfOf } from '../../src/report/render/pdf.ts';
import { parseSvg } from '../../src/report/render/svg-nodes.ts';

const figure = { title: 'A title', alt: 'What it shows' } as Figure;
const OPEN = '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="48" viewBox="0 0 96 48">';
const inPicture = (parts: string) => pdfOf(`${OPEN}${parts}</svg>`, figure);
const source = async (parts: string) => Buffer.from(await inPicture(parts)).toString('latin1');

describe('a PDF of a chart', () => {
  it('is a page as large as the picture in points, without a time', async () => {
    const text = await source('<path d="M0,0h1v1Z" fill="#ff0000"/>');
    expect(text).toContain('/MediaBox [0 0 72 36]');
    expect(text).toContain('D:19700101');
    expect(await source('<path d="M0,0h1v1Z" fill="#ff0000"/>')).toBe(text);
  });

  it.each([
    ['an element', '<circle r="3"/>'],
    ['an element within a text', '<text><tspan fill="#f00">a</tspan></text>'],
    ['text outside a text', '<g>words</g>'],
    ['an attribute', '<path d="M0,0h1" stroke="#000" filter="none"/>'],
    ['a clipped group', '<g clip-path="url(#a)"><path d="M0,0h1"/></g>'],
    ['a group that is half to be seen', '<g opacity="0.5"><path d="M0,0h1"/></g>'],
    ['a colour', '<path d="M0,0h1" stroke="url(#gradient)"/>'],
    ['a number', '<path d="M0,0h1" stroke="#000" stroke-width="wide"/>'],
    ['an anchor', '<text text-anchor="left">a</text>'],
    ['a transformation', '<g transform="skewX(30)"><path d="M0,0h1"/></g>'],
    ['a turn about a place', '<g transform="rotate(30,5,5)"><path d="M0,0h1"/></g>'],
    ['an entity', '<text>&nbsp;</text>'],
    ['a comment', '<!-- a -->'],
    ['a part that is not closed', '<g>'],
    ['a part that was not opened', '</g>'],
  ])('is refused where it would lose %s', async (_, parts) => {
    await expect(inPicture(parts)).rejects.toThrow(
      /no PDF can be made of this SVG: .* is not known/,
    );
  });

  it('has every line of a text that has several', async () => {
    const one = await inPicture('<text>one</text>');
    const two = await inPicture('<text><tspan>one</tspan><tspan x="0" dy="9">two</tspan></text>');
    expect(two.length).toBeGreaterThan(one.length);
  });

  it('is refused without a size', async () => {
    await expect(pdfOf('<svg width="1" height="1"></svg>', figure)).rejects.toThrow('the size');
  });
});

describe('parseSvg', () => {
  it('reads elements, attributes and text', () => {
    expect(parseSvg('<svg a="1&amp;2"><g/><text b-c="&quot;">1 &lt; 2</text></svg>')).toEqual({
      tag: 'svg',
      attributes: new Map([['a', '1&2']]),
      children: [
        { tag: 'g', attributes: new Map(), children: [] },
        { tag: 'text', attributes: new Map([['b-c', '"']]), children: ['1 < 2'] },
      ],
    });
  });
});
