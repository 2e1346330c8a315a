// Node 20 does not read TypeScript: what the tests share with campaigns and benches is translated first.
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** @param path from the root of the project; the file and what it imports may use Node's own modules only */
export async function importTs(path) {
  const input = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const build = await rolldown({ input, platform: 'node' });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
}
