import { Readable } from 'node:stream';

/** How many bytes of a stream the agent may send before it is asked for more. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/** One stream of a command whose output comes while it runs; asks for more when enough has been read. */
export class StreamedOutput {
  readonly readable: Readable;
  readonly #ask: (bytes: number) => void;
  #unread = 0;
  #read = 0;

  constructor(ask: (bytes: number) => void) {
    this.#ask = ask;
    this.readable = new Readable({
      read: () => {
        this.#count(this.#unread);
        this.#unread = 0;
      },
    });
  }

  take(piece: Buffer): void {
    if (this.readable.push(piece)) this.#count(piece.length);
    else this.#unread += piece.length;
  }

  end(): void {
    this.readable.push(null);
  }

  #count(bytes: number): void {
    this.#read += bytes;
    if (this.#read < WINDOW_BYTES / 4) return;
    this.#ask(this.#read);
    this.#read = 0;
  }
}
