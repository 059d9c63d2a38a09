/** Outputs of a function beside its main one. */
import type { OutputTag } from '../core/process/keyed-function.ts';

/** Names a side output and its type: `const late = sideOutput<Payment>('late')`. */
export const sideOutput = <T>(name: string): OutputTag<T> => ({ name });
