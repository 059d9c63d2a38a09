/** What the nodes of simulated plans have in common: their uids and columns. */
import { uid, type Uid } from '../../lib/core/numbers.ts';
import type { Expression } from '../../lib/core/plan.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column } from '../../lib/core/types.ts';

export const sourceUid = (i: number): Uid => uid(`events${i}`);
/** Of the records of a source that operators get. */
export const filterUid = (i: number): Uid => uid(`filter${i}`);
/** Of what an operator takes in. */
export const inputUid = (i: number): Uid => uid(`union${i}`);
export const operatorUid = (i: number): Uid => uid(`window${i}`);
export const sinkUid = (i: number): Uid => uid(`out${i}`);
/** The sink of the side output of a function. */
export const sideUid = (i: number): Uid => uid(`side${i}`);

export const column = (name: string, type: Column['type']): Column => ({ name, type, nullable: true });
export const reference = (index: number, type: Column['type']): Expression => ({ op: 'column', index, type });

/** What operators take in. */
export const INPUT = [column('event_type', STRING), column('amount', BIGINT), column('event_time', TIMESTAMP3)];
/** What sinks get. */
export const SELECTED = [
  column('window_start', TIMESTAMP3),
  column('window_end', TIMESTAMP3),
  column('event_type', STRING),
  column('event_count', BIGINT),
  column('amount', BIGINT),
];
