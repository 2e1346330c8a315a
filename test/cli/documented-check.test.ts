import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CELLS, handedIn, said } from './handed-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-documented-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAGE = new URL('../../docs/many-machines.md', import.meta.url);
const SPEC = `name: homework
matrix: { buffer_size: { from: 512, to: 64KiB, factor: 2 }, total_size: 16MiB }
trials: 5
trace: { tracer: none }
benchmark: { bare: true, rusage: true }
expect:
  - bandwidth.median > 900MB/s when buffer_size >= 4096
`;

it('docs/many-machines.md shows what `check` prints for four made-up databases', async () => {
  mkdirSync(join(folder, 'handed-in'));
  writeFileSync(join(folder, 'homework.yaml'), SPEC);
  const cells = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536].map((bufferBytes) => ({
    ...CELLS[0]!,
    bufferBytes,
    totalBytes: 16 * 2 ** 20,
  }));
  const sweep = (rates: number[], made = cells) => ({
    rates,
    change: { cells: made, tracer: 'none' as const, instruments: [], controls: false },
    result: () => ({ stderrTail: '' }),
  });
  const fast = sweep([1001e6, 998e6, 1006e6, 1002e6, 1004e6]);
  const slow = sweep([640e6, 638e6, 641e6, 644e6, 636e6]);
  const file = (name: string) => join(folder, 'handed-in', `${name}.db`);
  handedIn(file('alice'), fast);
  handedIn(file('bob'), fast, fast, slow);
  handedIn(file('carol'), sweep([990e6, 995e6, 1000e6], cells.slice(0, 3)));
  writeFileSync(file('dan'), 'x'.repeat(5000));

  const files = ['alice', 'bob', 'carol', 'dan'].map(file);
  const { code, out } = await said('check', join(folder, 'homework.yaml'), '--db', ...files);
  expect(code).toBe(1);
  const shown = out.replaceAll(`${folder}/`, '').trimEnd();
  const command = '$ ipc-sweep check homework.yaml --db handed-in/*.db';
  expect(readFileSync(PAGE, 'utf8')).toContain(`\`\`\`text\n${command}\n${shown}\n\`\`\`\n`);
});
