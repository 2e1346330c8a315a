import type { Doubt } from '../../doubt.ts';

/** The number of doubts to keep for each code; the others are only counted. */
const DOUBTS_OF_A_CODE = 20;

/**
 * The doubts about one run's counts. A flood of one kind, such as a note on every benchmark that
 * somebody else starts, never keeps out a doubt of another kind.
 */
export class RunDoubts {
  readonly #doubts = new Map<string, Map<string, Doubt>>();
  readonly #more = new Map<string, { count: number; suspect: boolean }>();
  /** The amounts lost, by what was lost. */
  readonly #lost = new Map<string, number>();

  add(doubt: Doubt): void {
    const kept = this.#doubts.get(doubt.code) ?? new Map<string, Doubt>();
    this.#doubts.set(doubt.code, kept);
    if (kept.size < DOUBTS_OF_A_CODE || kept.has(doubt.message)) {
      kept.set(doubt.message, doubt);
      return;
    }
    const { count, suspect } = this.#more.get(doubt.code) ?? { count: 0, suspect: false };
    this.#more.set(doubt.code, { count: count + 1, suspect: suspect || doubt.suspect });
  }

  /** Losses come in many small parts, so they are added up and reported as one doubt. */
  addLost(what: string, count: number): void {
    this.#lost.set(what, (this.#lost.get(what) ?? 0) + count);
  }

  /** The losses after a run's end, which may also be losses of the next run. */
  late(): RunDoubts {
    const late = new RunDoubts();
    for (const doubt of this.#doubts.get('tracer-dropped')?.values() ?? []) late.add(doubt);
    for (const [what, count] of this.#lost) late.addLost(what, count);
    return late;
  }

  all(tracer: string): readonly Doubt[] {
    return [
      ...[...this.#doubts.values()].flatMap((kept) => [...kept.values()]),
      ...[...this.#more].map(([code, { count, suspect }]) => ({
        code,
        message: `and ${count} more of this kind`,
        suspect,
      })),
      ...[...this.#lost].map(([what, count]) => ({
        code: 'tracer-dropped',
        message: `${tracer} lost ${count} ${what}`,
        suspect: true,
      })),
    ];
  }
}
