/** Where types end: rows of a plan hold values of any type, and the functions of a program know theirs. */

/** A function as the engine calls it. That values have its type is what the types of `lib/api` are for, and schemas where values come in. */
export const erased =
  <Args extends readonly unknown[], Out>(fn: (...args: Args) => Out): ((...args: readonly unknown[]) => Out) =>
  (...args) =>
    fn(...(args as unknown as Args)); // the engine has no types for the values of a program
