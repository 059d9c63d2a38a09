/** ARRAY_AGG (Flink's ArrayAggFunction): NULLs are elements unless they are ignored, and without rows it is NULL. */
import { assert } from '../errors.ts';
import type { AggregateFunction } from './aggregate.ts';
import { listOf } from './list.ts';
import { wrongCount } from './signature.ts';

export const ARRAY_AGG: AggregateFunction = {
  name: 'ARRAY_AGG',
  resolve: ([argument, ...rest]) => {
    if (argument === undefined || rest.length > 0) return wrongCount('ARRAY_AGG', 1);
    const { expression, nullable } = argument;
    return { args: [expression.type], type: { kind: 'ARRAY', element: { type: expression.type, nullable } }, nullable: 'always' };
  },
  open: ({ argumentType: type, parameters }) => {
    assert(type !== null, 'ARRAY_AGG has an argument');
    return listOf({
      type,
      takesNull: parameters?.[0] !== 'IGNORE NULLS',
      result: (values) => (values.length === 0 ? null : values),
    });
  },
};
