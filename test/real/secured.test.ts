/** Jobs whose brokers ask who they are: SCRAM in the table or in a file of properties, and what an ACL denies. */
import { beforeAll, expect, test } from 'vitest';
import { broker, fresh, opened } from './kafka-world.ts';
import { click, COUNTS, RealShop, type Mode } from './real-shop.ts';

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const PASSWORD = 'secret-of-scram';

const state = broker(async () => ({
  listeners: [{ name: 'USERS', protocol: 'SASL_PLAINTEXT', properties: { 'sasl.enabled.mechanisms': 'SCRAM-SHA-512', 'scram-sha-512.sasl.jaas.config': `${SCRAM};` } }],
  properties: { 'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'super.users': 'User:ANONYMOUS;User:reader' },
}));

beforeAll(async () => {
  for (const user of ['reader', 'nobody']) {
    await state.kafka.tool('kafka.admin.ConfigCommand', ['--bootstrap-server', state.kafka.bootstrap, '--alter', '--entity-type', 'users', '--entity-name', user, '--add-config', `SCRAM-SHA-512=[password=${PASSWORD}]`]);
  }
}, 60_000);

const clientOf = (user: string, password = PASSWORD) => ({
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'SCRAM-SHA-512',
  'sasl.jaas.config': `${SCRAM} username="${user}" password="${password}";`,
});

const ofTable = (properties: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(properties).map(([key, value]) => [`properties.${key}`, value]));

/** A shop with a topic of two records, whose brokers are those of the listener for users. */
async function secured(mode: Mode): Promise<RealShop> {
  const shop = await RealShop.open(mode, state.kafka.bootstrapOf['USERS']);
  const kafka = opened({ 'bootstrap.servers': state.kafka.bootstrap });
  await kafka.admin.createTopic(shop.topicName, 1);
  await kafka.produce(shop.topicName, [click(1), click(2)].map((value) => ({ value })), { partition: 0 });
  await kafka.close();
  return shop;
}

const fileOf = (shop: RealShop, properties: Readonly<Record<string, string>>): string =>
  shop.file('client.properties', Object.entries(properties).map(([key, value]) => `${key}=${value}`).join('\n'));

const BOUNDED = { 'scan.bounded.mode': 'latest-offset' };

test('by a file of properties, and functions', async () => {
  const shop = await secured('functions');
  const words = ['--kafka-config', fileOf(shop, clientOf('reader'))];
  expect(await shop.sluice('topic', 'list', ...words)).toContain(shop.topicName);
  const job = /Job ID: ([0-9a-f]{32})/.exec(await shop.sluice('sql', '-e', shop.job({ ...COUNTS, options: BOUNDED }), ...words))?.[1] ?? '';
  await shop.upToEnd(...words);
  expect(await shop.type('describe', job, '--json', ...words)).toMatchObject({ out: expect.stringContaining('"status":"FINISHED"') });
  expect(shop.lines()).toEqual([expect.stringContaining('"n":2')]);
});

test('by the properties of the table, and pollers; nothing shows the password', async () => {
  const shop = await secured('pollers');
  const job = await shop.submit(shop.job({ ...COUNTS, options: { ...BOUNDED, ...ofTable(clientOf('reader')) } }));
  await shop.upToEnd();
  expect(await shop.describe(job)).toMatchObject({ status: 'FINISHED' });
  expect(shop.lines()).toEqual([expect.stringContaining('"n":2')]);
  for (const words of [['describe', job], ['describe', job, '--json'], ['list', '-a']]) expect(await shop.sluice(...words)).not.toContain(PASSWORD);
});

test('by the properties of the table, and functions', async () => {
  const shop = await secured('functions');
  const job = await shop.submit(shop.job({ ...COUNTS, options: { ...BOUNDED, ...ofTable(clientOf('reader')) } }));
  // What asks for no topic of a table asks by the file.
  await shop.upToEnd('--kafka-config', fileOf(shop, clientOf('reader')));
  expect(await shop.describe(job)).toMatchObject({ status: 'FINISHED' });
});

test('`sluice doctor` names the topic that an ACL denies', async () => {
  const shop = await secured('functions');
  await shop.sluice('sql', '-e', shop.job(COUNTS), '--kafka-config', fileOf(shop, clientOf('reader')));
  const { code, out } = await shop.type('doctor', '--kafka-config', fileOf(shop, clientOf('nobody')));
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`^ok {4}kafka [^]*^FAIL  topic ${shop.topicName} [^]*mend: `, 'm'));
  expect(out).not.toContain(PASSWORD);
});

test('who is not known, or not allowed: what, where and what to do, without the password', async () => {
  const shop = await secured('pollers');
  const wrong = await shop.refused('OPTION_INVALID', 'sql', '-e', shop.job({ ...COUNTS, options: ofTable(clientOf('reader', 'wrong-secret')) }));
  expect(wrong).toMatch(/refuses the credentials of user 'reader' \(SCRAM-SHA-512\)[^]*hint: Check 'properties.sasl.jaas.config'/);
  expect(wrong).not.toContain('wrong-secret');
  const denied = await shop.refused('STORE_FAILED', 'sql', '-e', shop.job({ ...COUNTS, options: ofTable(clientOf('nobody')) }));
  expect(denied).toMatch(/does not allow it \(TOPIC_AUTHORIZATION_FAILED\)[^]*hint: Give the user of this connection the ACL/);
  const file = fileOf(shop, clientOf('nobody'));
  expect(await shop.refused('STORE_FAILED', 'topic', 'create', fresh('denied'), '--kafka-config', file)).toMatch(/AUTHORIZATION_FAILED/);
});
