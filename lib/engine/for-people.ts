/** What is written so that people see it, beside what the protocol needs. */
import { isError } from '../core/errors.ts';

/** Runs `act`; a store that refuses it, for whatever reason, holds nothing up. */
export async function forPeople(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isError(error)) throw error;
  }
}
