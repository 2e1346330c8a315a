import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/open.ts';
import { madeSweep } from '../report/made-sweep.ts';
import { CELL } from '../store/example-sweep.ts';
import { Workplace } from './workplace.ts';

const work = new Workplace();
const DB = ['--db', 'made.db'];

beforeAll(() => {
  const { db, close } = openForWriting(work.path('made.db'));
  try {
    const cells = [512, 4096, 65536].map((bufferBytes) => ({
      ...{ ...CELL, bufferBytes, totalBytes: 2 ** 20 },
    }));
    madeSweep(db, { cells, trials: 5, controls: true });
  } finally {
    close();
  }
});
afterAll(() => work.remove());

const lines = (text: string) => text.split('\n').slice(0, -1);

describe('plot', () => {
  it('writes every chart as SVG with its spec beside it, and lists them', async () => {
    const { code, stdout, stderr } = await work.run('plot', 'example', ...DB);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines(stdout)).toContain('results/example-1/figures/bandwidth.svg');
    const written = readdirSync(work.path('results/example-1/figures'));
    expect(
      lines(stdout)
        .map((path) => path.split('/').at(-1))
        .sort(),
    ).toEqual(written.sort());
    for (const name of written.filter((file) => file.endsWith('.svg'))) {
      expect(work.read('results/example-1/figures', name)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(written).toContain(name.replace('.svg', '.vl.json'));
    }
    const spec = JSON.parse(work.read('results/example-1/figures/bandwidth.vl.json'));
    expect(spec.$schema).toBe('https://vega.github.io/schema/vega-lite/v6.json');
    expect(spec.config.font).toMatch(/^DejaVu Sans/);
  });

  it('writes the chosen charts in the chosen formats, with the same bytes each time', async () => {
    const words = ['plot', ...DB, '--figure', 'bandwidth', '--figure', 'pipe-states'];
    const formats = ['--format', 'png', '--format', 'pdf', '--theme', 'print'];
    const hashes = async (out: string) => {
      expect((await work.run(...words, ...formats, '--out', out)).code).toBe(0);
      const names = readdirSync(work.path(out)).sort();
      const hash = (name: string) =>
        createHash('sha256')
          .update(readFileSync(work.path(out, name)))
          .digest('hex');
      return names.map((name) => [name, hash(name)]);
    };
    const once = await hashes('once');
    expect(once.map(([name]) => name)).toEqual(
      ['bandwidth', 'pipe-states-read', 'pipe-states-write'].flatMap((name) =>
        ['pdf', 'png', 'vl.json'].map((ending) => `${name}.${ending}`),
      ),
    );
    expect(await hashes('twice')).toEqual(once);
  });

  it('uses the last of an option that is given twice, as every command does', async () => {
    const words = ['--figure', 'bandwidth', '--out', 'first', '--out', 'second'];
    const { code, stdout } = await work.run('plot', ...DB, ...words);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'second/bandwidth.svg\nsecond/bandwidth.vl.json\n',
    });
  });

  it('suggests the figure that was probably meant, and writes nothing', async () => {
    const words = ['plot', ...DB, '--figure', 'bandwith', '--out', 'none'];
    const { code, stdout, stderr } = await work.run(...words);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('this sweep has no figure "bandwith"');
    expect(stderr).toMatch(
      /hint: did you mean bandwidth\? it has cause-and-effect, bandwidth, probe-effect, /,
    );
    expect(readdirSync(work.folder)).not.toContain('none');
  });

  it('follows no link, neither for the folder nor for a file', async () => {
    writeFileSync(work.path('precious'), 'precious');
    symlinkSync('.', work.path('linked'));
    const refused = await work.run('plot', ...DB, '--out', 'linked');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('linked is a symbolic link, which is not followed');
    const words = ['plot', ...DB, '--figure', 'run-order', '--out', 'planted'];
    expect((await work.run(...words)).code).toBe(0);
    const file = work.path('planted/run-order.svg');
    rmSync(file);
    symlinkSync('../precious', file);
    expect((await work.run(...words)).code).toBe(0);
    expect(work.read('precious')).toBe('precious');
    expect(work.read('planted/run-order.svg')).toMatch(/^<svg/);
  });

  it('says so when there is nothing to draw', async () => {
    const spec = work.spec('empty', 'refuses');
    await work.run('run', spec);
    const { code, stdout, stderr } = await work.run('plot', 'empty');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('empty-1 has nothing to draw yet');
  });

  it('loads its libraries when it draws and not before', async () => {
    // Node says which modules it has found.
    const found = async (...words: string[]) => {
      const { stderr } = await work.start(words, { NODE_DEBUG: 'esm' }).ended;
      return ['vega-lite', 'pdfkit', 'resvg-wasm'].filter((name) =>
        stderr.includes(`/bundle/${name}-`),
      );
    };
    expect(await found('status', ...DB)).toEqual([]);
    const words = ['plot', ...DB, '--figure', 'run-order', '--format', 'png', '--out', 'loaded'];
    expect(await found(...words)).toEqual(['vega-lite', 'pdfkit', 'resvg-wasm']);
  });
});
