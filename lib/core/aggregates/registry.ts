/** All aggregate functions that have accumulators, by name. */
import { ARRAY_AGG } from './array-agg.ts';
import type { AggregateFunction } from './aggregate.ts';
import { AVG } from './avg.ts';
import { COLLECT } from './collect.ts';
import { COUNT } from './count.ts';
import { MAX, MIN } from './extreme.ts';
import { FIRST_VALUE, LAST_VALUE } from './first-last.ts';
import { JSON_ARRAYAGG, JSON_OBJECTAGG } from './json-agg.ts';
import { LISTAGG } from './listagg.ts';
import { PERCENTILE } from './percentile.ts';
import { SUM } from './sum.ts';

const ALL = [COUNT, SUM, AVG, MIN, MAX, FIRST_VALUE, LAST_VALUE, LISTAGG, COLLECT, ARRAY_AGG, JSON_OBJECTAGG, JSON_ARRAYAGG, PERCENTILE];

export const AGGREGATES: ReadonlyMap<string, AggregateFunction> = new Map(ALL.map((fn) => [fn.name, fn]));
