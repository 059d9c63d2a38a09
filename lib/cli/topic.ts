/** `sluice topic create | delete | list | produce | consume`: the embedded topics, or those of the Kafka brokers that are named. */
import { InvalidArgumentError, type Command } from 'commander';
import { consumeTopic } from '../control/topics.ts';
import { listTable, resultColumn } from '../control/table.ts';
import { BIGINT } from '../core/types.ts';
import type { Console } from './console.ts';
import { contextOf, printResult, printTable, withPlace, type AddCommand } from './context.ts';
import { usage } from './errors.ts';
import { examples } from './examples.ts';
import { readUserFile } from './files.ts';
import { counted } from './text.ts';

type Example = readonly [command: string, what: string];

const CREATE: Example = ['topic create orders --partitions 4', 'a topic of four partitions'];
const PRODUCE: Example = ['topic produce orders -f orders.jsonl', 'its lines as records, to all partitions in turn'];
const CONSUME: Example = ['topic consume orders --partition 0', 'all records of one partition'];

export const addTopic: AddCommand = (program, console) => {
  const topic = program.command('topic').description('the topics that jobs read: embedded ones, or those of --kafka').summary('create, fill, read and delete topics');
  topic.addHelpText('after', examples(CREATE, PRODUCE, CONSUME));
  addCreate(topic, console);
  addDelete(topic, console);
  addTopicList(topic, console);
  addProduce(topic, console);
  addConsume(topic, console);
};

function addCreate(topic: Command, console: Console): void {
  topic
    .command('create')
    .description('create a topic')
    .argument('<name>')
    .option('--partitions <number>', 'number of partitions', parseNumber, 1)
    .addHelpText('after', examples(CREATE, ['--kafka localhost:9092 topic create orders', 'a topic of Kafka']))
    .action(async (name: string, { partitions }: { partitions: number }, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: true }, ({ topics }) => topics.create(name, partitions));
      printResult(context, `Created topic ${name}.`, { topic: name, partitions });
    });
}

function addDelete(topic: Command, console: Console): void {
  topic
    .command('delete')
    .description('delete a topic with its records; jobs that read it wait from then on')
    .argument('<topic>')
    .addHelpText('after', examples(['topic delete orders', 'with all its records'], ['--stack prod topic delete orders', "of a stack's brokers"]))
    .action(async (name: string, _options: object, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, ({ topics }) => topics.delete(name));
      printResult(context, `Deleted topic ${name}.`, { topic: name });
    });
}

function addTopicList(topic: Command, console: Console): void {
  topic
    .command('list')
    .description('list topics with their partitions')
    .addHelpText('after', examples(['topic list', 'names and numbers of partitions'], ['--stack prod topic list', "the topics of a stack's brokers"]))
    .action(async (_options: object, command) => {
      const context = contextOf(command, console);
      const rows = await withPlace(context, { create: false }, async ({ ports, topics }) => {
        const names = await topics.list();
        const infos = await Promise.all(names.map((name) => ports.source.topic(name)));
        return names.map((name, i) => [name, BigInt(infos[i]?.partitions.length ?? 0)]);
      });
      printTable(context, { columns: [...listTable('topic', []).columns, resultColumn('partitions', BIGINT)], rows });
    });
}

function addProduce(topic: Command, console: Console): void {
  topic
    .command('produce')
    .description('append records, one a line, from a file or standard input')
    .argument('<topic>')
    .option('-f, --file <file>', 'NDJSON file; default: standard input')
    .option('--partition <number>', 'the partition; default: all in turn', parseNumber)
    .addHelpText('after', examples(PRODUCE, ['topic produce orders --partition 2 < orders.jsonl', 'to one partition, from standard input']))
    .action(async (name: string, options: { file?: string; partition?: number }, command) => {
      const context = contextOf(command, console);
      const lines = (await inputOf(options.file, console)).split(/\r?\n/);
      const { partition } = options;
      const records = await withPlace(context, { create: false }, ({ topics }) => topics.produce(name, lines, partition === undefined ? {} : { partition }));
      printResult(context, `Produced ${counted(records, 'record')} to topic ${name}.`, { topic: name, records });
    });
}

function addConsume(topic: Command, console: Console): void {
  topic
    .command('consume')
    .description('print the records of a topic, partition by partition')
    .argument('<topic>')
    .option('--partition <number>', 'only this partition', parseNumber)
    .addHelpText('after', examples(CONSUME, ['topic consume orders --json', 'with partition and offset']))
    .action(async (name: string, options: { partition?: number }, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, async ({ ports }) => {
        for await (const { partition, offset, value } of consumeTopic(ports, name, options.partition ?? null)) {
          printResult(context, value, { partition, offset, value });
        }
      });
    });
}

async function inputOf(file: string | undefined, console: Console): Promise<string> {
  const text = file === undefined || file === '-' ? await console.input() : await readUserFile(file);
  if (text === null) throw usage('nothing to produce', 'name a file with -f, or pipe records into the command');
  return text;
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not a number.');
  return Number(text);
}
