/** Where types begin again: the engine keeps values of any type, and a harness hands them back with those that its function was declared with. */

/** What a function put in is what comes out; its types are those of the function. */
export const typed = <T>(value: unknown): T => value as T;
