/** Cuts a stream into lines. A line over the limit is cut short, and the rest of it is dropped. */
export class LineSplitter {
  #rest = '';
  #dropping = false;
  readonly #limit: number;
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void, limit: number) {
    this.#onLine = onLine;
    this.#limit = limit;
  }

  push(chunk: string): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf('\n', start);
      const part = chunk.slice(start, end === -1 ? chunk.length : end);
      if (!this.#dropping) this.#rest += part;
      if (this.#rest.length > this.#limit) {
        this.#rest = this.#rest.slice(0, this.#limit);
        this.#dropping = true;
      }
      if (end === -1) return;
      this.#onLine(this.#rest);
      this.#rest = '';
      this.#dropping = false;
      start = end + 1;
    }
  }
}
