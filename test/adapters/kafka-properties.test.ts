/** Properties of Java's Kafka clients, as connections here. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { clientOptions, connectionOf } from '../../lib/adapters/kafka/connection.ts';
import { clientOf, readsUncommitted, type ConnectionProperties } from '../../lib/adapters/kafka/index.ts';
import { parseJaas } from '../../lib/adapters/kafka/jaas.ts';

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const of = (more: ConnectionProperties) => connectionOf({ 'bootstrap.servers': 'a:9092', ...more });
const refused = (message: string, hint = '') => ({ code: 'OPTION_INVALID', message: expect.stringContaining(message), hint: expect.stringContaining(hint) });

test('servers, with spaces and without ports', async () => {
  expect((await of({ 'bootstrap.servers': ' a:9094 , b,[::1]:9092' })).servers).toEqual(['a:9094', 'b:9092', '[::1]:9092']);
  await expect(connectionOf({})).rejects.toMatchObject(refused("'properties.bootstrap.servers' is missing", 'HOST:PORT'));
  await expect(of({ 'bootstrap.servers': 'a:b' })).rejects.toMatchObject(refused("names 'a:b'"));
});

test('a typing error is refused with the name that was meant; what only tunes Java is taken', async () => {
  await expect(of({ 'security.protocoll': 'SSL' })).rejects.toMatchObject(refused('security.protocoll', "Did you mean 'properties.security.protocol'?"));
  await expect(of({ 'max.poll.records': '10', 'group.id': 'g', 'partition.discovery.interval.ms': '1', 'auto.offset.reset': 'earliest' })).resolves.toBeDefined();
});

test('times are whole milliseconds, and none is above the deadline of a call', async () => {
  expect(await of({ 'request.timeout.ms': '3000' })).toMatchObject({ requestMs: 3000 });
  expect(await of({ 'request.timeout.ms': '600000' })).toMatchObject({ requestMs: 20_000 });
  for (const value of ['0', '-1', '1.5', 'x', '']) await expect(of({ 'request.timeout.ms': value })).rejects.toMatchObject(refused(`is '${value}'`));
});

test('isolation as Kafka and Flink have it', async () => {
  expect((await of({})).isolation).toBe('read_uncommitted');
  expect((await of({ 'isolation.level': 'read_committed' })).isolation).toBe('read_committed');
  expect([readsUncommitted({}), readsUncommitted({ 'isolation.level': 'read_committed' })]).toEqual([true, false]);
  await expect(of({ 'isolation.level': 'committed' })).rejects.toMatchObject(refused("is 'committed'", "'read_committed'"));
});

test.each([
  [`${SCRAM} username="u" password="p";`, { username: 'u', password: 'p' }],
  [`${SCRAM}\n  username='u v'\n  password="a\\"b\\\\c;=" ;\n`, { username: 'u v', password: 'a"b\\c;=' }],
  ['PlainLoginModule   required username=u password=p', { username: 'u', password: 'p' }],
  ['software.amazon.msk.auth.iam.IAMLoginModule required;', {}],
  ['x.IAMLoginModule required awsRoleArn="arn:aws:iam::1:role/r";', { awsRoleArn: 'arn:aws:iam::1:role/r' }],
])('JAAS: %s', (text, options) => {
  expect(parseJaas(text).options).toEqual(options);
  expect(parseJaas(text).name).toMatch(/^(?:Scram|Plain|IAM)LoginModule$/);
});

test.each(['', 'ScramLoginModule', `${SCRAM} username="u" password="sec`, `${SCRAM} username "u" password=secret;`])('JAAS that cannot be read is not repeated: %s', (text) => {
  expect(() => parseJaas(text)).toThrow(/^'properties.sasl.jaas.config' cannot be read$/);
});

test('users: each mechanism needs both names, and no secret is in a message', async () => {
  const sasl = { 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'SCRAM-SHA-512' };
  const { security } = await of({ ...sasl, 'sasl.jaas.config': `${SCRAM} username="u" password="p";` });
  expect(security).toEqual({ protocol: 'SASL_PLAINTEXT', tls: null, sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' } });
  for (const jaas of [{}, { 'sasl.jaas.config': `${SCRAM} password="secret";` }]) {
    const problem = await of({ ...sasl, ...jaas }).catch((error: unknown) => error);
    expect(problem).toMatchObject(refused('must name a username and a password for SCRAM-SHA-512', 'ScramLoginModule required'));
    expect(String(problem)).not.toContain('secret');
  }
});

test('mechanisms that do not work say which do', async () => {
  const sasl = { 'security.protocol': 'SASL_SSL' };
  await expect(of(sasl)).rejects.toMatchObject(refused('GSSAPI', 'SCRAM-SHA-512'));
  await expect(of({ ...sasl, 'sasl.mechanism': 'OAUTHBEARER' })).rejects.toMatchObject(refused('AWS IAM only', 'AWS_MSK_IAM'));
  await expect(of({ ...sasl, 'sasl.mechanism': 'SCRAM' })).rejects.toMatchObject(refused("is 'SCRAM'"));
  await expect(of({ 'security.protocol': 'TLS' })).rejects.toMatchObject(refused("is 'TLS'", "'SASL_SSL'"));
});

test('AWS IAM is a bearer token for the region that the brokers name', async () => {
  const iam = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'AWS_MSK_IAM', 'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;' };
  const { security } = await of({ ...iam, 'bootstrap.servers': 'b-1.c.kafka.eu-central-1.amazonaws.com:9098' });
  expect(security).toMatchObject({ tls: {}, sasl: { mechanism: 'OAUTHBEARER', token: expect.any(Function) } });
});

test('trust and key stores: PEM only, and how to convert another one', async () => {
  const tls = { 'security.protocol': 'SSL' };
  const convert = 'keytool -importkeystore';
  await expect(of({ ...tls, 'ssl.truststore.location': '/t.jks' })).rejects.toMatchObject(refused('is JKS, the default; only PEM', convert));
  await expect(of({ ...tls, 'ssl.keystore.location': '/k.p12', 'ssl.keystore.type': 'PKCS12' })).rejects.toMatchObject(refused('is PKCS12; only PEM', convert));
  await expect(of({ ...tls, 'ssl.truststore.location': '/no/such.pem', 'ssl.truststore.type': 'PEM' })).rejects.toMatchObject(refused("'/no/such.pem', which cannot be read"));
  const dir = await mkdtemp(join(tmpdir(), 'sluice-pem-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, 'k.pem'), 'KEY AND CERT');
  const own = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': join(dir, 'k.pem'), 'ssl.key.password': 'p' };
  const { security } = await of({ ...tls, ...own, 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': 'CA' });
  expect(security.tls).toEqual({ ca: 'CA', cert: 'KEY AND CERT', key: 'KEY AND CERT', passphrase: 'p' });
});

test('the server name of TLS is sent for names, not for addresses', async () => {
  const tls = { 'security.protocol': 'SSL' };
  expect(clientOptions(await of({ ...tls }))).toMatchObject({ tlsServerName: true, retries: 0, autocreateTopics: false });
  expect(clientOptions(await of({ ...tls, 'bootstrap.servers': '127.0.0.1:1,[::1]:2' }))).toMatchObject({ tlsServerName: false });
});

test('the configuration of the event source names the same servers and user', async () => {
  const jaas = { 'sasl.mechanism': 'SCRAM-SHA-256', 'sasl.jaas.config': `${SCRAM} username="u" password="p";` };
  expect(await clientOf({ 'bootstrap.servers': 'a:1,b:2', 'client.id': 'c', 'security.protocol': 'SASL_SSL', ...jaas })).toMatchObject({
    clientId: 'c',
    brokers: ['a:1', 'b:2'],
    ssl: {},
    sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
  });
});

test('no client is loaded before it is needed: packages are imported as types or when a call is made', () => {
  const dir = join(import.meta.dirname, '../../lib/adapters/kafka');
  const eager = readdirSync(dir).filter((file) => /^import (?!type\b)[^;]*from '(?!\.|node:)/m.test(readFileSync(join(dir, file), 'utf8')));
  expect(eager).toEqual([]);
});
