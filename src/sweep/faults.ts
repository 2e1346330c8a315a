import { UserError } from '../errors.ts';

/**
 * Finds something out, and takes down why `run` would refuse.
 * @returns undefined when there is a fault
 */
export async function orFault<T>(
  faults: UserError[],
  find: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    faults.push(error);
    return undefined;
  }
}
