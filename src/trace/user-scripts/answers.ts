const ANSWER = /ipc-sweep: (?:attached|heard(?: (\d+))?)(?:\\n|\n)/g;
/** No answer is as long as this. */
const TAIL = 64;

/** Finds the answers of ipc-sweep's own clause in a script's output, in whatever pieces. */
export class Answers {
  /** The latest question that was answered; -1 before. */
  heard = -1;
  attached = false;
  #tail = '';

  push(chunk: string): void {
    const text = this.#tail + chunk;
    let end = 0;
    for (const found of text.matchAll(ANSWER)) {
      if (found[0].includes('attached')) this.attached = true;
      else this.heard = Math.max(this.heard, Number(found[1] ?? 0));
      end = found.index + found[0].length;
    }
    this.#tail = text.slice(Math.max(end, text.length - TAIL));
  }
}
