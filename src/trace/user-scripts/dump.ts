import { matchAt } from './d-tokens.ts';

const HEADER =
  /\n {13}0 {2}1 {2}2 {2}3 {2}4 {2}5 {2}6 {2}7 {2}8 {2}9 {2}a {2}b {2}c {2}d {2}e {2}f {2}0123456789abcdef\n/y;
const ROW = / *[\da-f]+: ((?:[\da-f]{2} ){1,16}) [^\n]*\n/y;
const LONGEST = 1024;

/**
 * Reads a dump. A string that isn't all printable ASCII is printed as a table of its bytes, and so
 * is the empty one. It is turned back into its text, or into `0x...` if it wasn't text.
 */
export function dumpAt(
  text: string,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  const header = matchAt(HEADER, text, at);
  if (!header) return undefined;
  let end = at + header[0].length;
  let hex = '';
  for (let rows = 0; rows < LONGEST; rows++) {
    const row = matchAt(ROW, text, end);
    if (!row) break;
    hex += (row[1] ?? '').replaceAll(' ', '');
    end += row[0].length;
  }
  return hex === '' ? undefined : { text: textOf(Buffer.from(hex, 'hex')), end };
}

function textOf(bytes: Buffer): string {
  const zero = bytes.indexOf(0);
  const head = zero === -1 ? bytes : bytes.subarray(0, zero);
  const text = head.toString('utf8');
  const isText = zero !== -1 && bytes.subarray(zero).every((byte) => byte === 0);
  return isText && !text.includes('\ufffd') ? text : `0x${bytes.toString('hex')}`;
}
