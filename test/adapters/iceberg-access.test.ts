/** What a REST catalog says of access to files: where S3 is, and whose credentials count. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { createFile, readFile } from '../../lib/adapters/iceberg/file-io.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openIceberg } from '../../lib/place/iceberg.ts';
import { NEW_TABLE } from '../contracts/iceberg-catalog.ts';
import { startS3, type S3Server } from '../servers/s3.ts';
import { startRestServer, type RestServer } from './iceberg-rest-server.ts';

const ID = { namespace: 'demo', name: 't' };
const NOWHERE = 'http://127.0.0.1:1';

/** A catalog whose tables are in the bucket `lake` of an S3 that only the catalog knows. */
async function world(): Promise<{ server: RestServer; s3: S3Server; open: (options?: Record<string, string>) => ReturnType<typeof openIceberg> }> {
  const s3 = await startS3();
  onTestFinished(() => s3.stop());
  s3.createBucket('lake');
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: '', AWS_ENDPOINT_URL_S3: NOWHERE })) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = await startRestServer();
  server.warehouse = 's3://lake/w';
  return { server, s3, open: (options = {}) => openIceberg({ 'catalog-type': 'rest', uri: server.uri, ...options }, nodeRuntime) };
}

const accessTo = ({ endpoint }: S3Server): Record<string, string> => ({ 's3.endpoint': endpoint, 's3.path-style-access': 'true', 'client.region': 'eu-west-3' });

/** Makes the table or finds it, then writes a file of it and reads it. */
async function roundTrip({ catalog, io }: ReturnType<typeof openIceberg>, file: string): Promise<string> {
  await catalog.createNamespace('demo', {});
  await catalog.create(ID, NEW_TABLE);
  const table = await catalog.load(ID);
  const location = `${table?.metadata.location}/data/${file}`;
  await createFile(io, location, new TextEncoder().encode('rows'));
  return new TextDecoder().decode((await readFile(io, location)) ?? undefined);
}

test.each(['defaults', 'overrides'])('S3 is where the %s of its configuration say', async (kind) => {
  const { server, s3, open } = await world();
  server.config = { defaults: {}, overrides: { prefix: 'main' }, [kind]: { prefix: 'main', ...accessTo(s3) } };
  expect(await roundTrip(open(), 'a')).toBe('rows');
});

test('options of the catalog count more than its defaults, and less than its overrides', async () => {
  const { server, s3, open } = await world();
  server.config = { defaults: { prefix: 'main', 's3.endpoint': NOWHERE }, overrides: {} };
  expect(await roundTrip(open(accessTo(s3)), 'a')).toBe('rows');
  server.config = { defaults: {}, overrides: { prefix: 'main', ...accessTo(s3) } };
  expect(await roundTrip(open({ 's3.endpoint': NOWHERE }), 'b')).toBe('rows');
});

test('what it says with a table counts most, where the table is', async () => {
  const { server, s3, open } = await world();
  server.config = { defaults: {}, overrides: { prefix: 'main', 's3.endpoint': NOWHERE } };
  server.tableAccess = { config: accessTo(s3) };
  const { catalog, io } = open();
  expect(await roundTrip({ catalog, io }, 'a')).toBe('rows');
  s3.createBucket('elsewhere');
  await expect(readFile(io, 's3://elsewhere/a')).rejects.toThrow();
});

test.each([
  ['config', { config: { 's3.access-key-id': 'AKIA', 's3.secret-access-key': 'sesame' } }, 's3.access-key-id'],
  ['storage credentials', { 'storage-credentials': [{ prefix: 's3://lake/', config: { 's3.session-token': 'sesame' } }] }, 's3.session-token'],
])('credentials that it hands out by %s are refused by name; the table is seen all the same', async (_, access, key) => {
  const { server, s3, open } = await world();
  server.config = { defaults: {}, overrides: { prefix: 'main', ...accessTo(s3) } };
  server.tableAccess = access;
  const { catalog, io } = open();
  const refused = { code: 'OPTION_INVALID', message: expect.stringMatching(new RegExp(`credentials for the bucket 'lake' \\('${key}'\\)`)), hint: expect.any(String) };
  await expect(roundTrip({ catalog, io }, 'a')).rejects.toMatchObject(refused);
  await expect(roundTrip({ catalog, io }, 'a')).rejects.not.toThrow('sesame');
  expect(await catalog.load(ID)).not.toBeNull();
});
