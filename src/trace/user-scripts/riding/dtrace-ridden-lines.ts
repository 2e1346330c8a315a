import { BLOCK_END, BLOCK_START } from './dtrace-blocks.ts';
import type { RiddenLines } from './ridden-run.ts';

/** Returns a reader that picks the scripts' blocks out of a session's lines; one for each run. */
export function dtraceRiddenLines(): RiddenLines {
  let script: number | undefined;
  let ended = false;
  return (line) => {
    if (script !== undefined) {
      const block = { kind: 'output', script, text: line } as const;
      if (line === BLOCK_END) script = undefined;
      return block;
    }
    const [, of, called = ''] = /^script (\d{1,3}) (.*)$/.exec(line) ?? [];
    if (of !== undefined) {
      script = Number(of);
      const isText = !called.startsWith('@') && called !== ':END';
      return { kind: 'output', script, text: `${BLOCK_START} ${called}`, isText };
    }
    if (line === 'scripts') return { kind: 'answered', stale: !ended };
    if (/^scripts_ends [1-9]\d{0,14}$/.test(line)) {
      ended = true;
      return { kind: 'ended' };
    }
    const texts = /^scripts_texts (\d{1,15})$/.exec(line)?.[1];
    return texts === undefined ? undefined : { kind: 'texts', count: Number(texts) };
  };
}
