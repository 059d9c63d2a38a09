/** All endpoints: Flink's, and below `/sluice/v1/` those that Flink has no word for. */
import { STATEMENT_ROUTES } from './gateway/operation-routes.ts';
import { SESSION_ROUTES } from './gateway/session-routes.ts';
import { CHECKPOINT_ROUTES } from './jobmanager/checkpoints.ts';
import { EXCEPTION_ROUTES } from './jobmanager/exceptions.ts';
import { JOB_ROUTES } from './jobmanager/job.ts';
import { METRIC_ROUTES } from './jobmanager/metrics.ts';
import { OPERATION_ROUTES } from './jobmanager/operations.ts';
import { OVERVIEW } from './jobmanager/overview.ts';
import { VERTEX_ROUTES } from './jobmanager/vertex.ts';
import { CONSOLE_ROUTES } from './console/routes.ts';
import { LOGIN_ROUTES } from './login.ts';
import { openApiOf } from './openapi.ts';
import { PROMETHEUS } from './prometheus.ts';
import { get, type Route } from './route.ts';
import { object } from './shape.ts';
import { SLUICE_ROUTES } from './sluice/routes.ts';

const DOCUMENT = get({ path: '/sluice/v1/openapi.json', summary: 'This document.' }, object({}), async () => openApiOf(ROUTES));

export const ROUTES: readonly Route[] = [
  ...OVERVIEW,
  ...JOB_ROUTES,
  ...VERTEX_ROUTES,
  ...EXCEPTION_ROUTES,
  ...CHECKPOINT_ROUTES,
  ...METRIC_ROUTES,
  ...OPERATION_ROUTES,
  ...SLUICE_ROUTES,
  ...LOGIN_ROUTES,
  ...CONSOLE_ROUTES,
  ...SESSION_ROUTES,
  ...STATEMENT_ROUTES,
  PROMETHEUS,
  DOCUMENT,
];
