import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flameTree } from '../../../src/analyse/flame-tree.ts';
import { colourOf, shiftColours } from '../../../src/report/flame/colours.ts';
import { flameSvg } from '../../../src/report/flame/svg.ts';

const words = ({ name, samples }: { name: string; samples: readonly number[] }) =>
  `${name}: ${samples.join(' and ')}`;
const drawn = (stacks: Readonly<Record<string, number>>) =>
  flameSvg(
    flameTree(
      Object.entries(stacks).map(([stack, count]) => ({ stack, samples: [count] })),
      1,
    ),
    { styleOf: colourOf, words },
  ).text;

/** The relative luminance of a colour such as `#ffcc00`, by WCAG 2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe('the drawing of a flame graph', () => {
  it('has a box for each call chain, as wide as its share, with the callers below', () => {
    const svg = drawn({ 'enter;read': 1, 'enter;write': 3 });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="960" height="36"/);
    const boxes = [...svg.matchAll(/x="([\d.]+)%" y="(\d+)" width="([\d.]+)%".*?<title>(.*?)</g)];
    expect(boxes.map((box) => box.slice(1))).toEqual([
      ['0', '18', '100', 'enter: 4'],
      ['0', '0', '25', 'read: 1'],
      ['25', '0', '75', 'write: 3'],
    ]);
  });

  it('leaves out boxes narrower than a pixel, and names that do not fit', () => {
    const svg = drawn({ 'enter;common': 10_000, 'enter;seldom': 100, 'enter;once': 1 });
    expect(svg).toContain('>common</text>');
    expect(svg).toContain('<title>seldom: 100</title>');
    expect(svg).not.toContain('>seldom</text>');
    expect(svg).not.toContain('once');
  });

  it('treats hostile names as text', () => {
    const svg = drawn({ '"><script>alert(1)</script>;<!--\u0007&\u202e': 5 });
    expect(svg).not.toMatch(/<script|<!--|\u0007|\u202e/);
    expect(svg).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('is the same for the same stacks, in whatever order they come', () => {
    const entries = { 'a;b': 2, 'a;c': 5, d: 1 };
    expect(drawn(Object.fromEntries(Object.entries(entries).reverse()))).toBe(drawn(entries));
  });
});

describe('the colours of a flame graph', () => {
  it('follow from the name, and leave black text legible', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const { fill } = colourOf({ name });
        expect(fill).toMatch(/^#[0-9a-f]{6}$/);
        expect(colourOf({ name })).toEqual({ fill });
        expect((luminance(fill) + 0.05) / 0.05).toBeGreaterThan(4.5);
      }),
    );
    expect(colourOf({ name: 'vfs_read' })).not.toEqual(colourOf({ name: 'vfs_write' }));
  });

  it('differ for user code, and are grey for unknown functions', () => {
    const channels = (name: string) =>
      [1, 3, 5].map((at) => Number.parseInt(colourOf({ name }).fill.slice(at, at + 2), 16));
    const [red, , blue] = channels('[user code]');
    expect(blue).toBeGreaterThan(red!);
    const [r, , b] = channels('vfs_write');
    expect(r).toBeGreaterThan(b!);
    expect(new Set(channels('[no stack]')).size).toBe(1);
    expect(new Set(channels('[callers cut off]')).size).toBe(1);
  });

  it('of a differential graph show which side has more, with marks for those who see no colours', () => {
    const tree = flameTree(
      [
        { stack: 'more', samples: [100, 500] },
        { stack: 'less', samples: [500, 100] },
        { stack: 'same', samples: [400, 410] },
      ],
      2,
    );
    const styleOf = shiftColours(tree);
    const styles = Object.fromEntries(tree.frames.map((frame) => [frame.name, styleOf(frame)]));
    expect(styles.more!.mark).toBe('▲ ');
    expect(styles.less!.mark).toBe('▼ ');
    expect(styles.same).toEqual({ fill: '#dcdcdc' });
    for (const { fill } of Object.values(styles)) {
      expect((luminance(fill) + 0.05) / 0.05).toBeGreaterThan(4.5);
    }
  });
});
