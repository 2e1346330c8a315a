import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['bench', 'test/campaigns', 'src/setup'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => join(folder, name)),
);

/** What a file imports by name from what was built, and from where. */
function importsOf(file: string): readonly { readonly from: string; readonly names: string[] }[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^import \{([^}]+)\} from '(\.[^']*\/dist\/[^']+)';/gm)].map(
    ([, names, from]) => ({
      from: join(root, dirname(file), from!),
      names: names!
        .split(',')
        .map((name) => name.trim().replace(/ as .*/, ''))
        .filter((name) => name !== ''),
    }),
  );
}

describe('benches, campaigns and the set-up', () => {
  it('are found, and so is what they import', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(20);
  });

  it.each(files.filter((file) => importsOf(file).length > 0))(
    'import what there is: %s',
    async (file) => {
      for (const { from, names } of importsOf(file)) {
        expect(existsSync(from), `${relative(root, from)} of ${file}`).toBe(true);
        const found = Object.keys(await import(pathToFileURL(from).href));
        expect(found).toEqual(expect.arrayContaining(names));
      }
    },
  );
});
