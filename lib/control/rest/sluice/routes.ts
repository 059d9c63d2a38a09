/** What Flink has no word for. */
import type { Route } from '../route.ts';
import { EVENT_ROUTES } from './events.ts';
import { JOB_LIST_ROUTES } from './job-list.ts';
import { DESCRIPTION_ROUTES } from './job.ts';
import { SAMPLE_ROUTES } from './samples.ts';

export const SLUICE_ROUTES: readonly Route[] = [...JOB_LIST_ROUTES, ...DESCRIPTION_ROUTES, ...SAMPLE_ROUTES, ...EVENT_ROUTES];
