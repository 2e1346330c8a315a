import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import { publishedJsonSchema } from '../../src/experiment/schema.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Node {
  properties?: Record<string, Node>;
  items?: Node;
  anyOf?: Node[];
  description?: string;
}

function allKeys(node: Node): string[] {
  const below = [...Object.values(node.properties ?? {}), ...(node.anyOf ?? [])];
  if (node.items) below.push(node.items);
  return [...Object.keys(node.properties ?? {}), ...below.flatMap(allKeys)];
}

describe('the published JSON Schema', () => {
  it('is the committed file (`npm run schema` writes it)', () => {
    const committed: unknown = JSON.parse(read('schema/experiment.schema.json'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(publishedJsonSchema())));
  });

  it('is a closed draft 7 schema that requires only a name', () => {
    expect(publishedJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required: ['name'],
      additionalProperties: false,
    });
  });
});

describe('docs/spec.md', () => {
  const text = read('docs/spec.md');

  it('explains every key of the schema', () => {
    const missing = allKeys(publishedJsonSchema()).filter((key) => !text.includes(`\`${key}\``));
    expect(missing).toEqual([]);
  });

  it('has only examples that load', () => {
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
    expect(examples.length).toBeGreaterThan(3);
    for (const yaml of examples) {
      const named = /^name:/m.test(yaml) ? yaml : `name: example\n${yaml}`;
      expect(parseExperiment('spec.md', named, { allowLarge: false }).cells).not.toEqual([]);
    }
  });

  it('shows the real message about its faulty example', () => {
    const [, yaml = '', complaint = ''] =
      /```\n# broken\.yaml\n([\s\S]*?)```[\s\S]*?```\n(broken\.yaml:[\s\S]*?)\n```/.exec(text) ??
      [];
    expect(complaint).not.toBe('');
    const thrown: unknown[] = [];
    try {
      parseExperiment('broken.yaml', `# broken.yaml\n${yaml}`, { allowLarge: false });
    } catch (error) {
      thrown.push(error);
    }
    expect(thrown).toMatchObject([{ message: complaint }]);
  });
});
