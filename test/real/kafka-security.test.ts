/** TLS and SASL listeners with a certificate of this run, users by SCRAM and PLAIN, and an authorizer. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { clientOf, type ConnectionProperties, type Kafka } from '../../lib/adapters/kafka/index.ts';
import { offset } from '../../lib/core/numbers.ts';
import { valuesOf } from '../contracts/source.ts';
import { broker, fresh, opened } from './kafka-world.ts';

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const START = offset(0);

let ca = '';
const state = broker(async (dir) => {
  ca = certificate(dir);
  const tls = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': join(dir, 'server.pem') };
  const sasl = {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN',
    'scram-sha-512.sasl.jaas.config': `${SCRAM};`,
    'scram-sha-256.sasl.jaas.config': `${SCRAM};`,
    'plain.sasl.jaas.config': `${PLAIN} user_reader="plain-secret" user_nobody="plain-secret";`,
  };
  return {
    listeners: [
      { name: 'TLS', protocol: 'SSL', properties: tls },
      { name: 'USERS', protocol: 'SASL_SSL', properties: { ...tls, ...sasl } },
      { name: 'OPEN', protocol: 'SASL_PLAINTEXT', properties: sasl },
    ],
    properties: { 'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'super.users': 'User:ANONYMOUS;User:reader' },
  };
});

/** Writes `server.pem` (key and certificate for 127.0.0.1) and returns the path of the certificate to trust. */
function certificate(dir: string): string {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  writeFileSync(join(dir, 'server.pem'), readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
  return cert;
}

let topic = '';
beforeAll(async () => {
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    const args = ['--bootstrap-server', state.kafka.bootstrap, '--alter', '--entity-type', 'users', '--entity-name', 'reader', '--add-config', `${mechanism}=[password=pa"ss word]`];
    await state.kafka.tool('kafka.admin.ConfigCommand', args);
  }
  const kafka = opened({ 'bootstrap.servers': state.kafka.bootstrap });
  topic = fresh('secured');
  await kafka.admin.createTopic(topic, 1);
  await kafka.produce(topic, [{ value: 'seen' }], { partition: 0 });
  await kafka.close();
}, 60_000);

const at = (listener: string): string => state.kafka.bootstrapOf[listener] ?? '';
const tls = (): ConnectionProperties => ({ 'bootstrap.servers': at('TLS'), 'security.protocol': 'SSL', 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': ca });
const user = (mechanism: string, jaas: string): ConnectionProperties => ({
  ...tls(),
  'bootstrap.servers': at('USERS'),
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': mechanism,
  'sasl.jaas.config': jaas,
});
const READER = `${SCRAM} username="reader" password="pa\\"ss word";`;

function adapter(properties: ConnectionProperties): Kafka {
  const kafka = opened(properties);
  onTestFinished(() => kafka.close());
  return kafka;
}

const read = async (properties: ConnectionProperties): Promise<string[]> => valuesOf(await adapter(properties).source.fetch(topic, 0, START, 1000));

test('TLS with a trusted certificate, from a file or written out', async () => {
  expect(await read(tls())).toEqual(['seen']);
  expect(await read({ 'bootstrap.servers': at('TLS'), 'security.protocol': 'SSL', 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': readFileSync(ca, 'utf8') })).toEqual(['seen']);
});

test.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'])('%s over TLS', async (mechanism) => {
  expect(await read(user(mechanism, READER))).toEqual(['seen']);
});

test('PLAIN over TLS and without', async () => {
  const jaas = `${PLAIN} username='reader' password=plain-secret;`;
  expect(await read(user('PLAIN', jaas))).toEqual(['seen']);
  expect(await read({ 'bootstrap.servers': at('OPEN'), 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': jaas })).toEqual(['seen']);
});

test('the client of the event source connects with the same properties', async () => {
  for (const properties of [tls(), user('SCRAM-SHA-512', READER), user('PLAIN', `${PLAIN} username="reader" password="plain-secret";`)]) {
    const admin = new kafkajs.Kafka(await clientOf(properties)).admin();
    await admin.connect();
    expect(await admin.listTopics()).toContain(topic);
    await admin.disconnect();
  }
});

test('a certificate that nobody trusts', async () => {
  await expect(read({ 'bootstrap.servers': at('TLS'), 'security.protocol': 'SSL' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining(`no TLS connection to ${at('TLS')}: self-signed certificate`),
    hint: expect.stringContaining('ssl.truststore'),
  });
});

test('another host name than the certificate has, unless the check is switched off', async () => {
  const elsewhere = { ...tls(), 'bootstrap.servers': at('TLS').replace('127.0.0.1', 'localhost') };
  await expect(read(elsewhere)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining("does not match certificate's altnames") });
  expect(await read({ ...elsewhere, 'ssl.endpoint.identification.algorithm': '' })).toEqual(['seen']);
});

test('plain text to a TLS listener, and TLS to a plain one', async () => {
  await expect(read({ 'bootstrap.servers': at('TLS') })).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('requires TLS') });
  await expect(read({ ...tls(), 'bootstrap.servers': state.kafka.bootstrap })).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('TLS') });
});

test('wrong credentials: named without the password', async () => {
  const problem = await read(user('SCRAM-SHA-512', `${SCRAM} username="reader" password="wrong-secret";`)).then(() => null, (error: unknown) => error);
  expect(problem).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining(`${at('USERS')} refuses the credentials of user 'reader' (SCRAM-SHA-512)`) });
  expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toContain('wrong-secret');
});

test('a user without permission: what is not allowed, and that nothing happened', async () => {
  const nobody = user('PLAIN', `${PLAIN} username="nobody" password="plain-secret";`);
  const refused = (what: string) => ({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining(what), hint: expect.stringContaining('ACL') });
  await expect(read(nobody)).rejects.toMatchObject(refused('TOPIC_AUTHORIZATION_FAILED'));
  await expect(adapter(nobody).offsets.commit('g', topic, 0, START)).rejects.toMatchObject(refused('_AUTHORIZATION_FAILED'));
  await expect(adapter(nobody).admin.createTopic(fresh('denied'), 1)).rejects.toMatchObject(refused('AUTHORIZATION_FAILED'));
});
