import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../../src/report/html/report-page.ts';
import { type Db, openForReading, openForWriting } from '../../../src/store/open.ts';
import { chooseSweep, type SweepRow } from '../../../src/store/reader.ts';
import { exampleResult, exampleSweep } from '../../store/example-sweep.ts';
import { recordedSweep } from '../recorded-sweep.ts';
import { HOSTILE, hostileSweep, twentyCells } from './sweeps.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @param change of the sweep's row: what the store itself would refuse */
async function pageOf(
  file: string,
  { suspect = false, ...change }: { suspect?: boolean } & Partial<SweepRow> = {},
): Promise<string> {
  const db = openForReading(file);
  try {
    return await reportPage(db, { ...chooseSweep(db, undefined), ...change }, { suspect }, '9.9.9');
  } finally {
    db.close();
  }
}

function stored(name: string, fill: (db: Db) => void): string {
  const file = join(folder, `${name}.db`);
  const { db, close } = openForWriting(file);
  try {
    fill(db);
  } finally {
    close();
  }
  return file;
}

const allOf = (page: string, pattern: RegExp) =>
  [...page.matchAll(pattern)].map(([, part]) => part!);
/** Elements whose content is no markup are left out. */
const markup = (page: string) =>
  page.replace(/<(style|script)\b[^>]*>[\s\S]*?<\/\1>/g, (_, name) => `<${name}></${name}>`);
const section = (page: string, id: string) =>
  page.split(`<section id="${id}"`)[1]?.split('</section>')[0] ?? '';
const text = (part: string) =>
  part
    .replace(/<wbr>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of a sweep', () => {
  const bad = stored('bad', (db) => {
    const { store } = exampleSweep(db);
    for (let trial = 1; trial <= 6; trial++) store(exampleResult(trial));
    store(
      exampleResult(7, {
        outcome: { state: 'timed-out', reason: 'not done after 2 s' },
        exitCode: null,
        signal: 'SIGKILL',
        stderrTail: 'the last <words>',
      }),
    );
    store(
      exampleResult(8, {
        outcome: { state: 'suspect', samples: [] },
        doubts: [{ code: 'drops', message: 'events were lost', suspect: true }],
      }),
    );
  });
  let page: string;
  beforeAll(async () => {
    page = await pageOf(bad);
  });

  it('has a language, one title, and headings without a missing level', () => {
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
    const levels = allOf(markup(page), /<h([1-6])\b/g).map(Number);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    for (const [at, level] of levels.slice(1).entries())
      expect(level - levels[at]!).toBeLessThan(2);
    for (const landmark of ['header', 'nav', 'main', 'footer']) {
      expect(allOf(markup(page), new RegExp(`<(${landmark})\\b`, 'g'))).toHaveLength(1);
    }
  });

  it('uses every id once, and its links and labels lead to an id', () => {
    const ids = allOf(markup(page), / id="([^"]*)"/g);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    const named = [
      ...allOf(page, / href="#([^"]*)"/g),
      ...allOf(page, / aria-(?:labelledby|describedby)="([^"]*)"/g),
    ];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('gives each chart a name, a description in words, and its data as a table', () => {
    const figures = page.split('<figure').slice(1);
    expect(figures.length).toBeGreaterThan(3);
    for (const figure of figures) {
      expect(figure).toMatch(
        /<svg [^>]*role="img" aria-labelledby="[^"]+" aria-describedby="[^"]+"/,
      );
      expect(text(figure.split('<desc')[1]!.split('</desc>')[0]!)).toMatch(/\w+ \w+/);
      expect(figure).toMatch(/<details class="data">[\s\S]*<table/);
    }
  });

  it('requests nothing from a network, and allows itself one style sheet and one script', () => {
    expect(page).not.toMatch(/<(link|iframe|object|embed|base|form)\b/);
    expect(markup(page)).not.toMatch(/ (src|srcset|action|data|poster|style|on\w+)=/);
    expect(allOf(markup(page), / (?:xlink:)?href="([^"#][^"]*)"/g)).toEqual([]);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    const hash = (content: string) => createHash('sha256').update(content).digest('base64');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)![1]!;
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash(style)}'; script-src 'sha256-${hash(script)}'; img-src data: blob:; base-uri 'none'; form-action 'none'`,
    );
    expect(style).not.toMatch(/@import|url\(/);
  });

  it('says what was run, and by which commands', () => {
    expect(text(page.split('<header>')[1]!.split('</header>')[0]!)).toContain('Linux 6.1 x64');
    expect(section(page, 'commands')).toContain(
      '/ipc-benchmark -j -B -g -i pipe -b 512 -t 1024 -n 2 2proc\n/ipc-benchmark -j -B -g -i pipe -b 1024 -t 1024 -n 2 2proc<',
    );
    expect(section(page, 'reproduce')).toContain('BEGIN {}');
    expect(section(page, 'reproduce')).toContain('1'.repeat(64));
  });

  it('says whether a run or each of its iterations sends the total', async () => {
    expect(text(page)).toContain('Sent in each iteration 1 KiB');
    expect(text(page)).not.toContain('Sent by each run');
    expect(text(await pageOf(bad, { iterations: 1 }))).toContain('Sent by each run 1 KiB');
  });

  it('lists the runs that are not good, with the reason, the end and the last words', () => {
    const runs = text(section(page, 'runs'));
    expect(runs).toContain('timed-out not done after 2 s SIGKILL');
    expect(runs).toContain('the last &lt;words&gt;');
    expect(text(section(page, 'warnings'))).toContain('drops yes events were lost');
    expect(text(section(page, 'findings'))).toContain(
      'Runs: 8 counted: 6 completed, 1 suspect, 1 failed; suspect runs enter no figure.',
    );
  });

  it('gives a verdict on each expectation, and the values found where it fails', () => {
    const verdicts = text(section(page, 'expectations'));
    expect(verdicts).toContain('not fulfilled runs.completed == 7 (2 of 2 cells)');
    expect(verdicts).toContain('runs.completed == 7 1 512 B 1 KiB 6');
  });

  it('writes a dash for what is missing', () => {
    expect(section(page, 'summary')).toMatch(
      /<td class="n" data-v="1024">1 KiB<\/td>.*<td class="n">–<\/td>/,
    );
  });

  it('is the same to the byte when it is written again', async () => {
    expect(await pageOf(bad)).toBe(page);
  });

  it('says so where suspect runs were let in', async () => {
    expect(text(section(await pageOf(bad, { suspect: true }), 'findings'))).toContain(
      'suspect runs were let in',
    );
  });

  it('names the level that the intervals of a table have', async () => {
    const sections = async (trials: number) => {
      const page = await pageOf(stored(`level-${trials}`, (db) => twentyCells(db, trials)));
      return ['summary', 'probe-effect'].map((id) => text(section(page, id)));
    };
    const [five = '', fiveEffects = ''] = await sections(5);
    expect(five).toContain(' 94% interval ');
    expect(fiveEffects).toContain(' 94% interval ');
    expect(five + fiveEffects).not.toContain('95%');
    const [eleven = '', elevenEffects = ''] = await sections(11);
    expect(eleven).toContain(' 95% interval ');
    expect(elevenEffects).toContain(' 96% interval ');
  });

  it('can be made for a sweep without runs', async () => {
    const empty = await pageOf(stored('empty', (db) => exampleSweep(db, { cells: [] })));
    expect(section(empty, 'charts')).toContain('There is nothing to draw yet.');
    expect(empty).toMatch(/<\/html>\n$/);
  });

  it('stays below 3 MB for twenty cells of twenty-two runs', async () => {
    const twenty = await pageOf(stored('twenty', twentyCells));
    expect(twenty.match(/<figure/g)!.length).toBeGreaterThan(5);
    expect(Buffer.byteLength(twenty)).toBeLessThan(3_000_000);
  });

  it('stays below 3 MB with as many runs as can be made in a night', async () => {
    const file = stored('night', (db) => db.transaction(() => twentyCells(db, 150))());
    const night = await pageOf(file);
    expect(/One run in 3 is drawn/.test(section(night, 'charts'))).toBe(true);
    expect(Buffer.byteLength(night)).toBeLessThan(3_000_000);
  });
});

describe('the page of a hostile database', () => {
  let page: string;
  beforeAll(async () => {
    page = await pageOf(stored('hostile', hostileSweep), { name: HOSTILE });
  });

  it('has no element and no attribute that comes from the database', () => {
    const names = new Set(allOf(markup(page), /<\/?([a-zA-Z!][\w-]*)/g));
    expect([...names].filter((name) => /^(img|iframe|!--)$/i.test(name))).toEqual([]);
    expect(allOf(page, /(<script)\b/g)).toHaveLength(2);
    expect(allOf(page, /(<\/script)/g)).toHaveLength(2);
    expect(allOf(page, /(<!--)/g)).toEqual([]);
    expect(page.replaceAll('onerror=alert', '')).not.toMatch(/<[^>"]*onerror/);
  });

  it('shows its texts unchanged', () => {
    const escaped = HOSTILE.replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;');
    for (const id of ['system-calls', 'runs', 'warnings', 'environment', 'reproduce']) {
      expect([id, section(page, id).includes(escaped)]).toEqual([id, true]);
    }
    expect(section(page, 'runs')).toContain(`␛[31m${escaped}`);
  });

  it('quotes a path for the shell', () => {
    expect(section(page, 'commands')).toMatch(/<code>&#39;\/opt\/my =1\+1&quot;&#39;\\&#39;&#39;/);
  });
});

describe('the page of the FreeBSD recording', () => {
  it('says where direct writes begin', async () => {
    const page = await pageOf(recordedSweep(folder));
    expect(text(section(page, 'findings'))).toContain(
      'Direct writes: they begin at buffers of 8 KiB (DIRECTW was never seen up to 4 KiB).',
    );
  });
});
