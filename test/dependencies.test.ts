import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
  it('run nothing, but for better-sqlite3, which is allowed to', () => {
    expect(packages.length).toBeGreaterThan(100);
    const running = packages.flatMap(([path, own]) => (own.hasInstallScript ? [path] : []));
    expect(running).toEqual(['node_modules/better-sqlite3']);
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: object };
    expect(allowScripts).toEqual({ 'better-sqlite3': true });
  });

  it('come from no host in particular, and are known by their hashes', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    const unknown = packages.filter(([, own]) => !own.integrity && !own.inBundle);
    expect(unknown.map(([path]) => path)).toEqual([]);
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
  });

  it('stand in docs/dependencies.md as they are; `npm run docs` renews it', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['src/setup/dependency-docs.mjs', '--check'],
      { cwd: root, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
