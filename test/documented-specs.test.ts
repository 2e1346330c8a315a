import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseExpectation } from '../src/experiment/expectation.ts';
import { parseExperiment } from '../src/experiment/read-experiment.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const pages = [
  'README.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, text: readFileSync(ROOT + name, 'utf8') }));

const examples = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = ''], at) => ({
    title: `${name}, example ${at + 1}`,
    yaml,
  })),
);

const expectations = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
    /^(bandwidth|probe_effect|pipe_states|runs|syscalls)\b.*\s(has|[<>=!]=?)\s/.test(code) &&
    !/\bNAME\b/.test(code)
      ? [{ name, code }]
      : [],
  ),
);

describe('the specs in the documentation', () => {
  it('are found', () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(expectations.length).toBeGreaterThan(0);
  });

  it.each(examples)('$title is valid, by itself or as a part of a spec', ({ yaml }) => {
    const whole = Object.hasOwn(parse(yaml) as object, 'name') ? yaml : `name: example\n${yaml}`;
    const { cells } = parseExperiment('example.yaml', whole, { allowLarge: false });
    expect(cells.length).toBeGreaterThan(0);
  });

  it.each(expectations)('$name: `$code` is a valid expectation', ({ code }) => {
    expect(parseExpectation(code)).toMatchObject({ state: 'ok' });
  });
});
