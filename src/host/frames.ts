/** Thrown for bytes that are not a frame, or a frame whose body does not match its type. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const LENGTH_BYTES = 4;
/** The size of the length itself, the type and the number. */
const HEADER_BYTES = 9;

/** Builds one frame after the other in a buffer that is reused. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  begin(type: string, number: number): this {
    this.#length = LENGTH_BYTES;
    return this.u8(type.charCodeAt(0)).u32(number);
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#length = this.#bytes.writeUInt8(value, this.#length);
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32BE(value, this.#length);
    return this;
  }

  /** @param value a whole number; a value above 2^53 is sent as 2^53 */
  u64(value: number): this {
    const whole = Math.min(Math.max(Math.round(value), 0), Number.MAX_SAFE_INTEGER);
    return this.u32(Math.floor(whole / 2 ** 32)).u32(whole % 2 ** 32);
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(value: string): this {
    const length = Buffer.byteLength(value);
    this.u32(length);
    this.#reserve(length);
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
    return this;
  }

  texts(values: readonly string[]): this {
    this.u32(values.length);
    for (const value of values) this.text(value);
    return this;
  }

  /** @returns the frame as a copy of its own */
  end(): Buffer {
    this.#bytes.writeUInt32BE(this.#length - LENGTH_BYTES, 0);
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Reads a frame's body, field by field. Every method throws a {@link FrameError} past the end. */
export class FrameReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#bytes = body;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** Reads a u64 as a number; a value above 2^53 is rounded. */
  u64(): number {
    return this.u32() * 2 ** 32 + this.u32();
  }

  exact64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  bytes(): Buffer {
    const length = this.u32();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#take(this.#bytes.length - this.#at));
  }

  /** Must be called when everything has been read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new FrameError('a frame is longer than its fields');
  }

  #take(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new FrameError('a frame ends within a field');
    this.#at = start + length;
    return start;
  }
}

export type OnFrame = (type: string, number: number, body: Buffer) => void;

/** Cuts a stream of bytes, which comes in pieces of any size, into frames. */
export class FrameDecoder {
  readonly #longest: number;
  readonly #onFrame: OnFrame;
  #pieces: Buffer[] = [];
  #held = 0;
  #needed = HEADER_BYTES;

  /** @param longest the longest frame in bytes; a longer one is an error before it has arrived */
  constructor(longest: number, onFrame: OnFrame) {
    this.#longest = longest;
    this.#onFrame = onFrame;
  }

  /** @throws FrameError; after that, nothing more may be pushed */
  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
    // Pieces are only joined when they complete a frame, so a large frame is not copied on the way.
    if (this.#held < this.#needed) return;
    const all = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces, this.#held);
    let at = 0;
    this.#needed = HEADER_BYTES;
    while (all.length - at >= HEADER_BYTES) {
      const length = all.readUInt32BE(at) + LENGTH_BYTES;
      if (length < HEADER_BYTES) throw new FrameError('a frame is shorter than its head');
      if (length > this.#longest) throw new FrameError(`a frame of ${length} bytes is too long`);
      if (all.length - at < length) {
        this.#needed = length;
        break;
      }
      const type = String.fromCharCode(all.readUInt8(at + 4));
      this.#onFrame(type, all.readUInt32BE(at + 5), all.subarray(at + HEADER_BYTES, at + length));
      at += length;
    }
    this.#pieces = at < all.length ? [all.subarray(at)] : [];
    this.#held = all.length - at;
  }
}
