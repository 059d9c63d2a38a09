/** The rows of streams of a program: one column holds whatever value the program has, another its event time. */
import { INT, RAW, TIMESTAMP3, type Column } from '../types.ts';

const VALUE: Column = { name: 'value', type: RAW, nullable: false };
/** Epoch ms; null where the stream has no event time. */
const TIME: Column = { name: 'time', type: TIMESTAMP3, nullable: true };

/** A stream. */
export const STREAM_ROW: readonly Column[] = [VALUE, TIME];
/** A keyed stream, or several that are connected: `from` numbers them. */
export const KEYED_ROW: readonly Column[] = [{ name: 'key', type: RAW, nullable: true }, VALUE, TIME, { name: 'from', type: INT, nullable: false }];
/** What a process function gives: 0 is its main output, others are its side outputs. */
export const PROCESS_OUTPUT: readonly Column[] = [{ name: 'output', type: INT, nullable: false }, VALUE, TIME];
