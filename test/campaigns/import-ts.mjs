// Node 20 does not read TypeScript: what the tests share with campaigns and benches is translated first.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** @param path from the root of the project; the file must import nothing but Node's own modules */
export async function importTs(path) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
}
