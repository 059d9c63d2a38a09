/** Texts of errors where they are kept: messages may quote values of any size, and stores and tables take neither those nor half a character. */

export const ERROR_CHARS_MAX = 1000;

/** The beginning of a text, well-formed. */
export const errorText = (text: string): string => text.slice(0, ERROR_CHARS_MAX).toWellFormed();

/** What was thrown, as text; programs may throw anything, also what has none. */
export function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'a value without a text was thrown';
  }
}
