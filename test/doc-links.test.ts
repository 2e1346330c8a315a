import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** The lines of a page, each with its number, without those of code blocks. */
function proseOf(markdown: string): { line: number; text: string }[] {
  let fence: string | undefined;
  return markdown.split('\n').flatMap((text, at) => {
    const [, mark] = /^\s*(`{3,}|~{3,})/.exec(text) ?? [];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      return [];
    }
    return fence === undefined ? [{ line: at + 1, text }] : [];
  });
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of proseOf(markdown)) {
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(text) ?? [];
    if (heading === undefined) continue;
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let own = slug;
    for (let more = 1; anchors.has(own); more++) own = `${slug}-${more}`;
    anchors.add(own);
  }
  return anchors;
}

/** The links of a page to an anchor, of its own or of another page of the repository. */
function anchorLinksOf(markdown: string): { line: number; page: string; anchor: string }[] {
  return proseOf(markdown).flatMap(({ line, text }) =>
    [...text.matchAll(/\]\(([^()\s#:]*)#([^()\s]*)\)/g)].map(([, page = '', anchor = '']) => ({
      ...{ line, page, anchor },
    })),
  );
}

const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** The links of a page that lead nowhere, each as it stands there. */
function brokenLinksOf(from: string): readonly string[] {
  return anchorLinksOf(read(from)).flatMap(({ line, page, anchor }) => {
    const target = page === '' ? from : relative(root, join(root, dirname(from), page));
    const leads = existsSync(join(root, target)) && anchorsOf(read(target)).has(anchor);
    return leads ? [] : [`${from}:${line} ${page}#${anchor}`];
  });
}

describe('the links of the documentation', () => {
  it('are compared with the anchors that GitHub makes of headings outside of code', () => {
    const text = [
      ...['# `run`: what, and *how*?', '## A_b - C', '```sh', '# no heading', '[x](y.md#z)', '```'],
      ...['### Same', '### Same', '#hash', '# [Linked](a.md#b) ##'],
    ];
    expect([...anchorsOf(text.join('\n'))]).toEqual([
      ...['run-what-and-how', 'a_b---c', 'same', 'same-1', 'linked'],
    ]);
    expect(anchorLinksOf('see [a](#b), [c](d.md#e-f)\n[g](https://h#i) [j](k.md)')).toEqual([
      { line: 1, page: '', anchor: 'b' },
      { line: 1, page: 'd.md', anchor: 'e-f' },
    ]);
  });

  it.each(pages)('lead from %s to headings that exist', (page) => {
    expect(brokenLinksOf(page)).toEqual([]);
  });

  it('are found', () => {
    expect(pages.flatMap((page) => anchorLinksOf(read(page))).length).toBeGreaterThan(50);
  });

  it('lead to every page from the README or the words', () => {
    const beginnings = [
      { page: 'README.md', text: read('README.md') },
      { page: 'docs/concepts.md', text: read('docs/concepts.md') },
    ];
    const linked = beginnings.flatMap(({ page, text }) =>
      [...text.matchAll(/\]\(([^()\s#:]+)/g)].map(([, target = '']) => join(dirname(page), target)),
    );
    expect(pages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
  });
});
