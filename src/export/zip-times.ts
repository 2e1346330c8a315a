/** 1980-01-01 00:00:00, the earliest time that a zip file can represent. */
const [NO_TIME, FIRST_DAY] = [0, (1 << 5) | 1];

/**
 * Replaces the times at which the entries of a zip file were made, in place, so that the same
 * content always gives the same bytes. Offsets are those of PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and
 * 4.3.16.
 * @throws RangeError for bytes that are not a zip file without a comment
 */
export function withoutTimes(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const expectAt = (offset: number, signature: number) => {
    if (view.getUint32(offset, true) !== signature) throw new RangeError('not a zip file');
  };
  const end = zip.length - 22;
  expectAt(end, 0x06054b50);
  const entries = view.getUint16(end + 10, true);
  let entry = view.getUint32(end + 16, true);
  for (let n = 0; n < entries; n++) {
    expectAt(entry, 0x02014b50);
    const local = view.getUint32(entry + 42, true);
    expectAt(local, 0x04034b50);
    for (const offset of [entry + 12, local + 10]) {
      view.setUint16(offset, NO_TIME, true);
      view.setUint16(offset + 2, FIRST_DAY, true);
    }
    const [name, extra, comment] = [28, 30, 32].map((at) => view.getUint16(entry + at, true));
    entry += 46 + name! + extra! + comment!;
  }
  return zip;
}
