/** `sluice doctor` on real servers: that it finds nothing where all is well, what it finds where a topic is gone, and that it leaves nothing. */
import { expect, test } from 'vitest';
import type { Finding } from '../../lib/cli/doctor/finding.ts';
import { COUNTS, RealShop } from './real-shop.ts';

const findingsOf = async (shop: RealShop): Promise<Map<string, Finding>> => {
  const { out } = await shop.type('doctor', '--rest-port', '0', '--json');
  return new Map(out.split('\n').map((line): [string, Finding] => {
    const finding: Finding = JSON.parse(line);
    return [finding.what, finding];
  }));
};

test('a place that is as it should be', async () => {
  const shop = await RealShop.open('functions');
  await shop.topic();
  await shop.submit(shop.job(COUNTS));
  const found = await findingsOf(shop);
  const states = Object.fromEntries([...found].map(([what, { state }]) => [what, state]));
  expect(states, JSON.stringify([...found.values()])).toEqual({ sluice: 'ok', node: 'ok', 'port 0': 'ok', table: 'ok', clock: 'ok', bucket: 'ok', 'bucket lifecycle': 'ok', store: 'ok', kafka: 'ok' });
  expect(found.get('store')?.why).toBe('answers; it has one job');
});

test('a topic that a job reads, and that is gone', async () => {
  const shop = await RealShop.open('functions');
  await shop.topic();
  await shop.submit(shop.job(COUNTS));
  await shop.sluice('topic', 'delete', shop.topicName);
  expect((await findingsOf(shop)).get(`topic ${shop.topicName}`)).toMatchObject({ state: 'fail', mend: `make it: sluice topic create ${shop.topicName}` });
});
