import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name: string) => readFileSync(`${root}${name}`, 'utf8');

interface Package {
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
}
const lock = JSON.parse(read('package-lock.json')) as Record<'packages', Record<string, Package>>;
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('the packages that are installed', () => {
  it('run no scripts, except for better-sqlite3, which is allowed to', () => {
    expect(packages.length).toBeGreaterThan(100);
    const running = packages.flatMap(([path, own]) => (own.hasInstallScript ? [path] : []));
    expect(running).toEqual(['node_modules/better-sqlite3']);
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: object };
    expect(allowScripts).toEqual({ 'better-sqlite3': true });
  });

  it('come from no particular host, and are identified by their hashes', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    const unknown = packages.filter(([, own]) => !own.integrity && !own.inBundle);
    expect(unknown.map(([path]) => path)).toEqual([]);
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
  });

  it('are listed correctly in docs/dependencies.md; `npm run docs` renews it', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['src/setup/dependency-docs.mjs', '--check'],
      { cwd: root, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('are each measured without the packages inside them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dependencies-'));
    const write = (path: string, text: string) => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    try {
      const { '': own } = lock.packages as Record<string, Record<string, object>>;
      const names = Object.keys({ ...own!.dependencies, ...own!.devDependencies });
      const inside = 'node_modules/zod/node_modules/inner';
      const paths = [...names.map((name) => `node_modules/${name}`), inside];
      for (const path of paths) write(`${path}/index.js`, '');
      write('node_modules/zod/lib/code.js', '.'.repeat(1e5));
      write(`${inside}/code.js`, '.'.repeat(3e5));
      const known = Object.fromEntries(
        paths.map((path) => [path, { version: '1', license: 'MIT' }]),
      );
      const zod = { version: '1', license: 'MIT', dependencies: { inner: '1' } };
      const packages = { ...known, '': own, 'node_modules/zod': zod };
      write('package-lock.json', JSON.stringify({ packages }));
      write('docs/dependencies.md', '<!-- bundled -->\n<!-- end -->\n');
      const script = 'src/setup/dependency-docs.mjs';
      cpSync(join(root, script), join(folder, script), { recursive: true });
      const { status } = spawnSync(process.execPath, [script], { cwd: folder });
      expect(status).toBe(0);
      const page = readFileSync(join(folder, 'docs/dependencies.md'), 'utf8');
      expect(page).toMatch(/^\| `zod` 1 \| .* \| 0\.1 \| 1 \| 0\.4 \| MIT \|$/m);
      expect(page).toMatch(/^Together \d+ packages of 0\.4 MB/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
