/** An administrator of the shared broker, for what the product itself never does. */
import kafkajs, { type Admin } from 'kafkajs';
import { onTestFinished } from 'vitest';
import { servers } from './servers.ts';

export async function administrator(): Promise<Admin> {
  const admin = new kafkajs.Kafka({ brokers: [servers.kafka], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  return admin;
}
