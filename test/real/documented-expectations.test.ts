import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from '../cli/workplace.ts';
import { untraceable } from './required.ts';

const page = readFileSync(new URL('../../docs/spec.md', import.meta.url), 'utf8');
const [, example = ''] = /^## Expectations\n\n```yaml\n(.*?)^```$/ms.exec(page) ?? [];

const missing = untraceable();

const place = new Workplace();
afterAll(() => place.remove());

describe.skipIf(missing !== undefined)('the expectations that docs/spec.md shows', () => {
  it('are judged, and those that any kernel must fulfil are fulfilled', async () => {
    const text = `name: shown\nbenchmark: { bare: true }\ntrace: { tracer: bpftrace }\ntrials: 2\n${example}`;
    place.write('shown.yaml', text);
    const { stderr } = await place.run('run', 'shown.yaml');
    expect(stderr).not.toContain('bug');
    const rows = place.csv('results', 'shown-1', 'expectations.csv');
    const of = (expectation: string) => rows.filter((row) => row.expectation === expectation);
    const exact = 'syscalls.sender.write == 256 when total_size / buffer_size == 256';
    for (const expectation of [exact, 'runs.failed == 0']) {
      expect(of(expectation)).toMatchObject([{ fulfilled: 'true' }]);
    }
    const direct = of('pipe_states.read has DIRECTW when buffer_size >= 8192');
    expect(new Set(direct.map((row) => row.found))).toEqual(
      new Set(['this kernel has no state DIRECTW']),
    );
  });
});
