/**
 * Does what must not hide why the work ends, such as where a deleted database was saved.
 * @param tidy removes or frees something; what it throws is dropped
 */
export function tidyUp(tidy: () => void): void {
  try {
    tidy();
  } catch {
    // The folder is gone, or can no longer be written.
  }
}
