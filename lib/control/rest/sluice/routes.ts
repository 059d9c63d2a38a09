/** What Flink has no word for. */
import type { Route } from '../route.ts';
import { EVENT_ROUTES } from './events.ts';
import { JOB_LIST_ROUTES } from './job-list.ts';
import { DESCRIPTION_ROUTES } from './job.ts';
import { RESUME_ROUTES } from './resume.ts';
import { SAMPLE_ROUTES } from './samples.ts';
import { SQL_CHECK_ROUTES } from './sql-check.ts';

export const SLUICE_ROUTES: readonly Route[] = [...JOB_LIST_ROUTES, ...DESCRIPTION_ROUTES, ...SAMPLE_ROUTES, ...EVENT_ROUTES, ...RESUME_ROUTES, ...SQL_CHECK_ROUTES];
