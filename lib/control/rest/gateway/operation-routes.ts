/** Endpoints of the SQL gateway for statements and what they give. */
import { SluiceError } from '../../../core/errors.ts';
import { unreadable, type Refusal } from '../refusal.ts';
import { get, route, type Call, type Rest, type Route } from '../route.ts';
import { anything, flag, integer, list, mapOf, maybe, nullable, object, oneOf, optional, text, type Of } from '../shape.ts';
import type { Fetched, GatewayOperation, ResultHead } from './gateway.ts';
import { logicalType } from './logical-type.ts';
import { fieldsIn, ROW_FORMATS, type RowFormat } from './row-format.ts';
import { orException } from './server-side.ts';
import { requireUntimed } from './untimed.ts';

const UP_TO = 4;
const OPERATION = '/sessions/:sessionHandle/operations/:operationHandle';

const NOTHING = object({});
const STATEMENT = object({ statement: text, executionTimeout: maybe(integer), executionConfig: maybe(mapOf(text)) });
const HANDLE = object({ operationHandle: text });
const STATUS = object({ status: oneOf('PENDING', 'RUNNING', 'FINISHED', 'CANCELED', 'CLOSED', 'ERROR') });

const COLUMN = object({ name: text, logicalType: anything, comment: nullable(text) });
const ROW = object({ kind: oneOf('INSERT', 'UPDATE_BEFORE', 'UPDATE_AFTER', 'DELETE'), fields: list(anything) });
/** What a client does not find, it must not find as null either: it would read that as text. */
const RESULT = object({
  resultType: oneOf('NOT_READY', 'PAYLOAD', 'EOS'),
  isQueryResult: optional(flag),
  jobID: optional(text),
  resultKind: optional(oneOf('SUCCESS', 'SUCCESS_WITH_CONTENT')),
  results: optional(object({ columns: list(COLUMN), rowFormat: oneOf(...ROW_FORMATS), data: list(ROW) })),
  nextResultUri: optional(text),
});

export const STATEMENT_ROUTES: readonly Route[] = [
  route(
    { method: 'POST', path: '/sessions/:sessionHandle/statements', summary: 'Begins a statement; what is wrong with it is said where its result is asked for.', upToVersion: UP_TO, requestName: 'ExecuteStatementRequestBody' },
    STATEMENT,
    HANDLE,
    orException(async ({ gateway }, { params, body }) => {
      requireUntimed(body.executionTimeout);
      requireNoConfig(body.executionConfig);
      const session = await gateway.session(params.sessionHandle);
      return { operationHandle: session.submit(body.statement) };
    }),
  ),
  get({ path: `${OPERATION}/status`, summary: 'How far an operation is.', upToVersion: UP_TO }, STATUS, orException(async (rest, call) => ({ status: (await operationOf(rest, call)).status }))),
  get({ path: `${OPERATION}/result/:token`, summary: 'A batch of the rows that an operation gives; the next one is behind `nextResultUri`.', upToVersion: UP_TO, query: ['rowFormat'] }, RESULT, orException(result)),
  route(
    { method: 'POST', path: `${OPERATION}/cancel`, summary: 'Cancels an operation; a query that has no end ends.', upToVersion: UP_TO },
    NOTHING,
    STATUS,
    orException(async (rest, call) => {
      const operation = await operationOf(rest, call);
      await operation.cancel();
      return { status: operation.status };
    }),
  ),
  route(
    { method: 'DELETE', path: `${OPERATION}/close`, summary: 'Ends an operation, and forgets what it gave.', upToVersion: UP_TO },
    NOTHING,
    STATUS,
    orException(async ({ gateway }, { params }) => {
      const session = await gateway.session(params.sessionHandle);
      await session.closeOperation(params.operationHandle);
      return { status: 'CLOSED' as const };
    }),
  ),
];

const operationOf = async ({ gateway }: Rest, { params }: Call<unknown>): Promise<GatewayOperation> => (await gateway.session(params.sessionHandle)).operation(params.operationHandle);

async function result(rest: Rest, call: Call<unknown>): Promise<Of<typeof RESULT> | Refusal> {
  const given = call.query.get('rowFormat') ?? 'JSON';
  const format = ROW_FORMATS.find((each) => each === given.toUpperCase());
  if (format === undefined) return unreadable(`Cannot resolve query parameter (rowFormat) from value "${given.slice(0, 64)}".`);
  const operation = await operationOf(rest, call);
  return answerOf(await operation.fetch(call.params.token), call, format);
}

function answerOf(fetched: Fetched, call: Call<unknown>, format: RowFormat): Of<typeof RESULT> {
  const { token } = call.params;
  if (fetched.kind === 'not-ready') return { resultType: 'NOT_READY', nextResultUri: uriOf(call, token, format) };
  const { head, batch } = fetched;
  const fields = fieldsIn(format, head);
  const data = (batch ?? []).map(({ kind, row }) => ({ kind, fields: fields(row) }));
  const results = { columns: columnsOf(head), rowFormat: format, data };
  const body = { isQueryResult: head.isQuery, ...(head.job !== null && { jobID: head.job }), resultKind: head.hasContent ? ('SUCCESS_WITH_CONTENT' as const) : ('SUCCESS' as const), results };
  return batch === null ? { resultType: 'EOS', ...body } : { resultType: 'PAYLOAD', ...body, nextResultUri: uriOf(call, token + 1, format) };
}

const columnsOf = ({ columns }: ResultHead): readonly Of<typeof COLUMN>[] => columns.map(({ name, type, nullable: isNullable }) => ({ name, logicalType: logicalType(type, isNullable), comment: null }));

/** The first version has one format. */
const uriOf = ({ params, version }: Call<unknown>, token: number, format: RowFormat): string =>
  `/v${version}/sessions/${params.sessionHandle}/operations/${params.operationHandle}/result/${token}${version === 1 ? '' : `?rowFormat=${format}`}`;

function requireNoConfig(config: Readonly<Record<string, string>> | null | undefined): void {
  const [key] = Object.keys(config ?? {});
  if (key !== undefined) throw new SluiceError('SQL_UNSUPPORTED', { message: `an option for one statement ('${key}')`, hint: `SET '${key}' = …, then execute the statement` });
}
