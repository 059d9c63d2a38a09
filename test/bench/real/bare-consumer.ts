/** `node bare-consumer.ts BROKERS TOPIC RECORDS`: kafkajs reads that many records and does nothing with them; JSON on the standard output. */
import kafkajs from 'kafkajs';

const [brokers = '', topic = '', records = ''] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `bare-${process.pid}`, maxWaitTimeInMs: 100 });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });

let seen = 0;
let began = 0;
let cpu = process.cpuUsage();
await new Promise<void>((resolve, reject) => {
  const take = (count: number): void => {
    if (seen === 0) [began, cpu] = [performance.now(), process.cpuUsage()];
    seen += count;
    if (seen >= Number(records)) resolve();
  };
  consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => take(batch.messages.length) }).catch(reject);
});
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ records: seen, seconds: (performance.now() - began) / 1000, cpuSeconds: (used.user + used.system) / 1e6 }));
await consumer.disconnect();
