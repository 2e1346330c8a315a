import { inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  /** DOS date and time, as written. */
  readonly stamps: readonly number[];
  readonly text: string;
}

/** The entries of a small zip file, by its central directory. */
export function readZip(zip: Buffer): readonly ZipEntry[] {
  const end = zip.length - 22;
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    );
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength!);
    const local = zip.readUInt32LE(at + 42);
    const content = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const stored = zip.subarray(content, content + zip.readUInt32LE(at + 20));
    const text = zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(stored) : stored;
    const stamps = [zip.readUInt32LE(at + 12), zip.readUInt32LE(local + 10)];
    at += 46 + nameLength! + extra! + comment!;
    return { name, stamps, text: text.toString() };
  });
}
