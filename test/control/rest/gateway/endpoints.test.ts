/** What the endpoints of the SQL gateway answer, over a store in memory. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inMemory, type InMemory, type Said } from '../api.ts';

const TURNS_MAX = 1000;
const RAW = "'connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";

interface Gateway extends InMemory {
  /** `/v2/sessions/HANDLE` */
  readonly at: string;
  submit(statement: string): Promise<string>;
  result(operation: string, query?: string, token?: number): Promise<Said>;
  execute(statement: string, query?: string): Promise<Said>;
}

async function openGateway(properties: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const world = await inMemory();
  const handleIn = ({ body }: Said): string => /Handle":"([0-9a-f-]{36})"/.exec(JSON.stringify(body))?.[1] ?? 'none';
  const at = `/v2/sessions/${handleIn(await world.send('POST', '/v2/sessions', { sessionName: 'test', properties }))}`;
  const submit = async (statement: string): Promise<string> => `${at}/operations/${handleIn(await world.send('POST', `${at}/statements`, { statement, executionTimeout: 0 }))}`;
  const result = async (operation: string, query = '?rowFormat=PLAIN_TEXT', token = 0): Promise<Said> => {
    for (let turns = 0; ; turns++) {
      const said = await world.get(`${operation}/result/${token}${query}`);
      if (turns === TURNS_MAX || !JSON.stringify(said.body).includes('NOT_READY')) return said;
      await turn();
    }
  };
  return { ...world, at, submit, result, execute: async (statement, query) => result(await submit(statement), query) };
}

const rowsIn = ({ body }: Said): unknown => /"data":(\[.*\])\}/.exec(JSON.stringify(body))?.[1];

test('versions, and whose gateway it is', async () => {
  const { get } = await inMemory();
  expect(await get('/v1/api_versions')).toEqual({ status: 200, body: { versions: ['V1', 'V2'] } });
  expect(await get('/v4/info')).toEqual({ status: 200, body: { productName: 'Apache Flink', version: expect.any(String) } });
});

test('a session has the properties of its client, and of SET, without secrets', async () => {
  const { at, get, send, execute } = await openGateway({ 'env.java.opts.all': '-X', 'state.savepoints.dir': '/s', 'security.ssl.internal.key-password': 'hush' });
  await execute("SET 'sql-client.execution.result-mode' = 'TABLEAU';");
  const properties = { 'env.java.opts.all': '-X', 'execution.checkpointing.savepoint-dir': '/s', 'security.ssl.internal.key-password': '******', 'sql-client.execution.result-mode': 'TABLEAU' };
  expect(await get(at)).toEqual({ status: 200, body: { properties } });
  expect(rowsIn(await execute('SET'))).toBe(`[${Object.entries(properties).map(([key, value]) => `{"kind":"INSERT","fields":["${key}","${value}"]}`).join()}]`);
  expect(await send('POST', `${at}/heartbeat`)).toEqual({ status: 200, body: {} });
  expect(await send('DELETE', at)).toEqual({ status: 200, body: { status: 'CLOSED' } });
  expect(await get(at)).toMatchObject({ status: 500, body: { errors: ['Internal server error.', expect.stringMatching(/Caused by: [\w.]+SqlGatewayException: GATEWAY_REFUSED: Session '.{36}' does not exist\.[^]*\n\tat /)] } });
});

test('a statement that says nothing but OK, and rows with their end', async () => {
  const { execute, submit, result } = await openGateway();
  expect(await execute(`CREATE TABLE t (id INT) WITH (${RAW});`)).toMatchObject({ status: 200, body: { resultType: 'PAYLOAD', isQueryResult: false, resultKind: 'SUCCESS', results: { columns: [{ name: 'result' }], data: [{ kind: 'INSERT', fields: ['OK'] }] } } });
  const operation = await submit('SHOW TABLES');
  const first = await result(operation);
  expect(first.body).toMatchObject({ resultType: 'PAYLOAD', resultKind: 'SUCCESS_WITH_CONTENT', nextResultUri: `${operation}/result/1?rowFormat=PLAIN_TEXT` });
  expect(rowsIn(first)).toBe('[{"kind":"INSERT","fields":["t"]}]');
  const end = await result(operation, undefined, 1);
  expect(end.body).toMatchObject({ resultType: 'EOS', results: { data: [] } });
  expect(end.body).not.toHaveProperty('nextResultUri');
  expect(await result(operation)).toEqual(first);
  expect(await result(operation, undefined, 7)).toMatchObject({ status: 500, body: { errors: [expect.anything(), expect.stringContaining('Expecting token to be 1')] } });
});

test('the formats of rows', async () => {
  const { execute } = await openGateway();
  await execute(`CREATE TABLE t (id INT NOT NULL) WITH (${RAW})`);
  expect(rowsIn(await execute('DESCRIBE t'))).toBe('[{"kind":"INSERT","fields":["id","INT","FALSE",null,null,null]}]');
  expect(rowsIn(await execute('DESCRIBE t', '?rowFormat=JSON'))).toBe('[{"kind":"INSERT","fields":["id","INT",false,null,null,null]}]');
  expect((await execute('DESCRIBE t', '?rowFormat=XML')).status).toBe(400);
  expect(JSON.stringify((await execute('SHOW JOBS')).body)).toContain('{"name":"start time","logicalType":{"type":"TIMESTAMP_WITH_LOCAL_TIME_ZONE","nullable":true,"precision":6},"comment":null}');
});

test('an INSERT names its job', async () => {
  const { execute, get } = await openGateway();
  await execute(`CREATE TABLE t (id INT) WITH (${RAW})`);
  await execute("CREATE TABLE s (id INT) WITH ('connector' = 'blackhole')");
  const { body } = await execute('INSERT INTO s SELECT id FROM t');
  const id = /"jobID":"([0-9a-f]{32})"/.exec(JSON.stringify(body))?.[1] ?? 'none';
  expect(body).toMatchObject({ resultKind: 'SUCCESS_WITH_CONTENT', isQueryResult: false, results: { columns: [{ name: 'job id' }], data: [{ fields: [id] }] } });
  expect((await get(`/jobs/${id}`)).status).toBe(200);
});

test('what is wrong is said where the result is asked for, with its place and a hint', async () => {
  const { at, get, send, submit, result, defects } = await openGateway();
  const operation = await submit('SELEC 1;');
  const { status, body } = await result(operation);
  expect({ status, body }).toMatchObject({ status: 500, body: { errors: ['Internal server error.', expect.stringMatching(/^<Exception on server side:\n[^]*Caused by: [\w.]+SqlParserException: SQL_PARSE[^]*line 1, column 1[^]*hint: [^]*\n\tat [^]*End of exception on server side>$/)] } });
  expect(await get(`${operation}/status`)).toEqual({ status: 200, body: { status: 'ERROR' } });
  expect(JSON.stringify((await result(await submit('EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1;'))).body)).toContain(String.raw`Encountered \"<EOF>\"`);
  expect((await send('POST', `${at}/statements`, { statement: 'SHOW TABLES', executionTimeout: 10 })).status).toBe(500);
  expect((await send('POST', `${at}/statements`, { statement: 1 })).status).toBe(400);
  expect((await send('POST', `${at}/statements`, { statement: 'x'.repeat(600_000) })).body).toMatchObject({ errors: [expect.anything(), expect.stringContaining('characters at most')] });
  expect((await get(`${at}/operations/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}/status`)).status).toBe(500);
  expect(defects).toEqual([]);
});

test('what configures a session, and what completes a statement', async () => {
  const { at, send, execute } = await openGateway();
  expect(await send('POST', `${at}/configure-session`, { statement: `CREATE TABLE orders (id INT) WITH (${RAW});`, executionTimeout: 0 })).toEqual({ status: 200, body: {} });
  expect((await send('POST', `${at}/configure-session`, { statement: 'SHOW TABLES' })).status).toBe(500);
  expect(rowsIn(await execute('SHOW TABLES'))).toContain('orders');
  expect((await send('GET', `${at}/complete-statement`, { statement: 'SELECT * FROM ord', position: 17 })).body).toEqual({ candidates: expect.arrayContaining(['orders']) });
  const long = `SELECT ${' '.repeat(64 * 1024)} * FROM ord`;
  expect((await send('GET', `${at}/complete-statement`, { statement: long, position: long.length })).body).toEqual({ candidates: [] });
});

test('cancel and close', async () => {
  const { get, send, submit, result } = await openGateway();
  const operation = await submit('SHOW TABLES');
  await result(operation);
  expect(await get(`${operation}/status`)).toEqual({ status: 200, body: { status: 'FINISHED' } });
  expect(await send('POST', `${operation}/cancel`)).toEqual({ status: 200, body: { status: 'CANCELED' } });
  expect((await result(operation)).status).toBe(500);
  expect(await send('DELETE', `${operation}/close`)).toEqual({ status: 200, body: { status: 'CLOSED' } });
  expect((await get(`${operation}/status`)).status).toBe(500);
});
