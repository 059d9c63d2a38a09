/** What went wrong with a job: what ended it, and what holds it up now. Messages and hints, never a stack or a record. */
import { troublesOf, type Trouble } from '../../troubles.ts';
import { failureText } from '../refusal.ts';
import { get, type Route } from '../route.ts';
import { flag, integer, list, mapOf, nullable, object, text, type Of } from '../shape.ts';

const ENTRY = object({
  exceptionName: text,
  stacktrace: text,
  timestamp: integer,
  failureLabels: mapOf(text),
  taskName: nullable(text),
  endpoint: nullable(text),
  taskManagerId: nullable(text),
  concurrentExceptions: list(object({})),
});

const EXCEPTIONS = object({ exceptionHistory: object({ entries: list(ENTRY), truncated: flag }) });

/** As many as Flink shows unless it is asked for more. */
const DEFAULT_MAX = 20;
const MAX = 1000;

export const EXCEPTION_ROUTES: readonly Route[] = [
  get({ path: '/jobs/:jobid/exceptions', summary: 'What ended a job, and what holds it up, newest first.', query: ['maxExceptions'] }, EXCEPTIONS, async ({ plane }, { params, query }) => {
    const all = troublesOf(await plane.job(params.jobid)).map(entryOf);
    const wanted = /^\d{1,6}$/.exec(query.get('maxExceptions') ?? '')?.[0] ?? DEFAULT_MAX;
    const entries = all.slice(0, Math.min(MAX, Number(wanted)));
    return { exceptionHistory: { entries, truncated: entries.length < all.length } };
  }),
];

const entryOf = (trouble: Trouble): Of<typeof ENTRY> => ({
  exceptionName: trouble.code,
  stacktrace: failureText(trouble),
  timestamp: trouble.at,
  failureLabels: {},
  taskName: trouble.where,
  endpoint: null,
  taskManagerId: null,
  concurrentExceptions: [],
});
