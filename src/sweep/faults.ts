import { UserError } from '../errors.ts';

/**
 * Runs a check, and records a UserError as a reason why `run` would refuse.
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
