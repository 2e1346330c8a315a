import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../src/experiment/read-experiment.ts';

const folder = fileURLToPath(new URL('../experiments/', import.meta.url));
const specs = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** The comment at the head of a spec, by the words that its parts begin with. */
function parts(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let part = '';
  for (const line of text.slice(0, text.indexOf('\nname:')).split('\n')) {
    const begun = /^# (Question|Time|Look for): +(.*)$/.exec(line);
    if (begun) part = begun[1]!;
    const words = begun?.[2] ?? /^# {11}(.*)$/.exec(line)?.[1];
    if (words !== undefined) found.set(part, `${found.get(part) ?? ''}${words} `);
  }
  return found;
}

describe('experiments/', () => {
  it('contains the experiments of the second lab', () => {
    const names = ['lab2-buffer-sizes', 'lab2-pipe-states', 'lab2-processes-or-threads'];
    const asked = [...names, 'lab2-sockets', 'probe-effect', 'quickstart'];
    expect(specs).toEqual(expect.arrayContaining(asked.map((name) => `${name}.yaml`)));
  });

  it.each(specs)(
    '%s is valid, and its comments say what it asks, how long it takes and what to look for',
    (file) => {
      const experiment = loadExperiment(folder + file, { allowLarge: false });
      expect(experiment.document.name).toBe(file.replace('.yaml', ''));
      expect(experiment.document.description).toMatch(/\.$/);
      const { text } = experiment;
      expect(text).toMatch(
        /^# yaml-language-server: \$schema=\.\.\/schema\/experiment\.schema\.json\n#\n/,
      );
      const said = parts(text);
      expect(said.get('Question')).toMatch(/^[a-z].*\?/);
      expect(said.get('Time')).toMatch(/^(about|some) .*(second|minute)/);
      expect(said.get('Look for')?.length).toBeGreaterThan(80);
    },
  );

  it('names only files that an export writes', () => {
    const known = readFileSync(new URL('../docs/csv.md', import.meta.url), 'utf8');
    for (const file of specs) {
      for (const [name] of readFileSync(folder + file, 'utf8').matchAll(/\b[a-z_]+\.csv\b/g)) {
        expect(known, `${file} names ${name}`).toContain(name);
      }
    }
  });

  it('asks for the whole range of the lab', () => {
    const { cells, document } = loadExperiment(`${folder}lab2-buffer-sizes.yaml`, {
      allowLarge: false,
    });
    expect(cells.map((cell) => cell.bufferBytes)).toEqual(
      Array.from({ length: 18 }, (_, at) => 2 ** (7 + at)),
    );
    expect(new Set(cells.map((cell) => cell.totalBytes))).toEqual(new Set([2 ** 24]));
    expect(document).toMatchObject({ trials: { min: 11, max: 11 }, warmup: 1 });
    expect(document.trace.controls).toBe(true);
  });
});
