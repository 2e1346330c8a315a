import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Figure } from '../../src/report/figure.ts';
import { inFormat, widthOf } from '../../src/report/render/formats.ts';
import { pngOf } from '../../src/report/render/png.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { THEMES, type ThemeName } from '../../src/report/render/theme.ts';
import { openForWriting } from '../../src/store/open.ts';
import { figuresOf, madeSweep } from '../report/made-sweep.ts';
import { recordedFigures } from '../report/recorded-sweep.ts';
import { CELL } from '../store/example-sweep.ts';

const missing: string[] = [];
for (const [program, option] of [
  ['pdftoppm', '-v'],
  ['pdffonts', '-v'],
  ['pdftotext', '-v'],
  ['python3', '--version'],
] as const) {
  const { failed } = await execa(program, [option], { reject: false });
  if (failed) missing.push(program);
}
if (missing.length > 0 && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error(`${missing.join(', ')} must be installed here`);
}
const without = missing.length > 0 ? `(skipped: no ${missing.join(', ')})` : '';

const ENTITIES = { lt: '<', gt: '>', amp: '&' } as const;

describe.skipIf(without)(`charts for paper ${without}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
  let figures: readonly Figure[];

  let made: readonly Figure[];

  beforeAll(() => {
    figures = recordedFigures(folder);
    const { db, close } = openForWriting(join(folder, 'made.db'));
    const cells = (['2proc', '2thread'] as const).flatMap((mode) =>
      Array.from({ length: 11 }, (_, at) => {
        return { ...CELL, mode, bufferBytes: 2 ** (at + 8), totalBytes: 2 ** 20 };
      }),
    );
    const facts = [
      { key: 'page_size_bytes', value: '4096' },
      { key: 'l1d_cache_bytes', value: '32768' },
    ];
    madeSweep(db, { cells, trials: 6, controls: true, facts });
    made = figuresOf(db);
    close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function pdf(figure: Figure): Promise<string> {
    const svg = await renderSvg(figure, 'print', { width: widthOf('print', 1) });
    const file = join(folder, `${figure.name}.pdf`);
    writeFileSync(file, await inFormat('pdf', svg, { figure, theme: 'print' }));
    return file;
  }

  it('embed their fonts as PDF', async () => {
    for (const figure of figures) {
      const { stdout } = await execa('pdffonts', [await pdf(figure)]);
      const [, , ...fonts] = stdout.split('\n');
      expect(fonts.length, figure.name).toBeGreaterThan(0);
      // name, type (two words), encoding, emb, sub, uni, object (two words)
      for (const font of fonts) expect(font).toMatch(/DejaVuSans.* yes yes yes +\d+ +\d+$/);
    }
  });

  it('are as wide as a column, on one page, with ink in the middle and none at the edge', async () => {
    for (const figure of figures) {
      const file = await pdf(figure);
      await execa('pdftoppm', ['-gray', '-r', '144', file, join(folder, figure.name)]);
      const grey = pixels(join(folder, `${figure.name}-1.pgm`));
      expect(Math.abs(grey.width / 2 - widthOf('print', 1)), figure.name).toBeLessThan(4);
      expect(shareOfInk(grey), figure.name).toBeGreaterThan(0.01);
      expect(inkAtEdge(grey), figure.name).toBe(0);
    }
  });

  /** Returns a picture as resvg and as poppler draw it: two pixels for each of its own. */
  async function bothWays(svg: string, onPaper: string, figure: Figure, theme: ThemeName) {
    const screen = greyOf(Buffer.from(await pngOf(svg, 2)));
    const file = join(folder, 'alike.pdf');
    writeFileSync(file, await inFormat('pdf', onPaper, { figure, theme }));
    const size = ['-scale-to-x', String(screen.width), '-scale-to-y', String(screen.height)];
    await execa('pdftoppm', ['-gray', ...size, file, join(folder, 'alike')]);
    const paper = pixels(join(folder, 'alike-1.pgm'));
    expect([paper.width, paper.height]).toEqual([screen.width, screen.height]);
    return [screen, paper] as const;
  }

  it.each(THEMES)('look the same as SVG and as PDF, for %s', async (theme) => {
    const unlike: string[] = [];
    for (const figure of [...figures, ...made]) {
      const svg = await renderSvg(figure, theme, { titled: true });
      const squares = unlikeSquares(...(await bothWays(svg, svg, figure, theme)));
      if (squares > 0) unlike.push(`${figure.name}: ${squares} squares`);
    }
    expect(unlike).toEqual([]);
  });

  it('look different when a word or a line is missing', async () => {
    const figure = made.find(({ name }) => name === 'bandwidth')!;
    const svg = await renderSvg(figure, 'screen', { titled: true });
    for (const [what, without] of [
      ['a word', svg.replace('>512 B<', '><')],
      ['a line', svg.replace(/(<path[^>]* d="M[\d.]+,[\d.]+)L[^"]*/, '$1')],
    ] as const) {
      expect(without).not.toBe(svg);
      const seen = await bothWays(svg, without, figure, 'screen');
      expect([what, unlikeSquares(...seen)]).not.toEqual([what, 0]);
    }
  });

  it('contain every text of the picture as text', async () => {
    for (const figure of [...figures, ...made]) {
      const svg = await renderSvg(figure, 'screen', { titled: true });
      const file = join(folder, 'text.pdf');
      writeFileSync(file, await inFormat('pdf', svg, { figure, theme: 'screen' }));
      const { stdout } = await execa('pdftotext', ['-raw', file, '-']);
      const drawn = [...svg.matchAll(/<text[^>]*>([\s\S]*?)<\/text>/g)]
        .map(([, text = '']) => text.replace(/<[^>]*>/g, ''))
        .join('')
        .replace(/&(lt|gt|amp);/g, (_, name: 'lt' | 'gt' | 'amp') => ENTITIES[name]);
      // What is turned is read in another order.
      const letters = (text: string) => [...text.replace(/\s/g, '')].sort().join('');
      expect([figure.name, letters(stdout)]).toEqual([figure.name, letters(drawn)]);
    }
  });

  it('are XML that a parser accepts, with all labels as text', async () => {
    const script =
      "import sys, xml.etree.ElementTree as e; print('\\n'.join(t.text or '' for t in e.parse(sys.stdin).iter('{http://www.w3.org/2000/svg}text')))";
    for (const figure of figures) {
      const input = await renderSvg(figure, 'screen', { titled: true });
      const { stdout } = await execa('python3', ['-c', script], { input });
      expect(stdout.split('\n')).toContain(figure.title);
    }
  });
});

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly values: Buffer;
}

/** An RGBA picture as a grey one: a PNG of eight bits, not interlaced, as resvg writes it. */
function greyOf(png: Buffer): Grey {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect([...png.subarray(24, 29)]).toEqual([8, 6, 0, 0, 0]);
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) !== 'IDAT') continue;
    parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const data = inflateSync(Buffer.concat(parts));
  const values = Buffer.alloc(width * height);
  const row = width * 4;
  let above = Buffer.alloc(row);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (row + 1)]!;
    const line = Buffer.from(data.subarray(y * (row + 1) + 1, (y + 1) * (row + 1)));
    for (let x = 0; x < row; x++) {
      const [left, up, corner] = [line[x - 4] ?? 0, above[x]!, above[x - 4] ?? 0];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      line[x] = line[x]! + guess;
    }
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = line.subarray(x * 4);
      values[y * width + x] = Math.round(0.299 * red! + 0.587 * green! + 0.114 * blue!);
    }
    above = line;
  }
  return { width, height, values };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  return a! <= b! && a! <= c! ? left : b! <= c! ? up : corner;
}

/** A side of the squares that are compared, in pixels: programs smooth the same edge otherwise. */
const SQUARE = 6;
/** How much the mean of a square may differ, of 255. It differs more where a letter is missing. */
const ALIKE = 56;

/** Squares of two pictures that are not alike. */
function unlikeSquares(one: Grey, other: Grey): number {
  const means = squares(other);
  return squares(one).filter((mean, at) => Math.abs(mean - means[at]!) > ALIKE).length;
}

function squares({ width, height, values }: Grey): readonly number[] {
  const means: number[] = [];
  for (let top = 0; top + SQUARE <= height; top += SQUARE) {
    for (let left = 0; left + SQUARE <= width; left += SQUARE) {
      let sum = 0;
      for (let y = top; y < top + SQUARE; y++) {
        for (let x = left; x < left + SQUARE; x++) sum += values[y * width + x]!;
      }
      means.push(sum / SQUARE ** 2);
    }
  }
  return means;
}

/** A binary PGM. */
function pixels(file: string): Grey {
  const bytes = readFileSync(file);
  const [header = '', width, height] =
    /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 40).toString('latin1')) ?? [];
  return {
    width: Number(width),
    height: Number(height),
    values: bytes.subarray(header.length),
  };
}

function shareOfInk({ values }: Grey): number {
  return values.filter((value) => value < 128).length / values.length;
}

/** A drawing that is cut off leaves ink in the outermost row or column. */
function inkAtEdge({ width, height, values }: Grey): number {
  let ink = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (edge && values[y * width + x]! < 128) ink++;
    }
  }
  return ink;
}
