/** Bad input: each kind is one clear error, other work goes on, and nothing is lost. */
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { labRecord } from '../engine/lab-plan.ts';
import { Shop } from './shop.ts';

const MALFORMED = '{"event_type": "click", "event_time';
const GOOD = [labRecord('click', 1), labRecord('view', 2)];
const AFTER = [labRecord('click', 3), labRecord('click', 70)];
const IGNORE = `, 'json.ignore-parse-errors' = 'true'`;
const bytes = (lines: readonly string[]): number => Buffer.byteLength(`${lines.join('\n')}\n`);

async function running(partitions = 1): Promise<{ shop: Shop; job: string }> {
  const shop = new Shop();
  await shop.topic(partitions);
  return { shop, job: await shop.submit(shop.sql()) };
}

describe('records', () => {
  test('a malformed record: where it lies and why; its partition waits, the others go on; a corrected job gets past it', async () => {
    const { shop, job } = await running(2);
    await shop.produce([...GOOD, MALFORMED, ...AFTER], 0);
    await shop.produce(AFTER, 1);
    expect(await shop.up()).toMatchObject([{ code: 'RECORD_MALFORMED', details: { topic: 'events', partition: 0, offset: bytes(GOOD) } }]);

    for (const text of [await shop.sluice('list'), await shop.sluice('describe', job)]) {
      expect(text).toMatch(new RegExp(`events-0 at offset ${bytes(GOOD)}: RECORD_MALFORMED: .*${MALFORMED.slice(0, 10)}`));
      expect(text).toContain("hint: correct the producer, or set 'json.ignore-parse-errors' = 'true' to skip such records");
      expect(text).toContain('RESTARTING');
    }
    const { status, recordErrors, state } = await shop.describe(job);
    expect({ status, recordErrors }).toMatchObject({ status: 'RESTARTING', recordErrors: [{ topic: 'events', partition: 0, offset: bytes(GOOD) }] });
    expect(state?.sources[0]?.partitions).toMatchObject([{ next: bytes(GOOD) }, { next: bytes(AFTER), lag: 0 }]);

    await shop.sluice('cancel', job);
    await shop.sluice('resume', job, '-f', shop.file('new.sql', shop.sql({ options: IGNORE })));
    expect(await shop.up()).toEqual([]);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', recordErrors: [] });
    await shop.sluice('stop', job, '--drain');
    expect(shop.rows()).toEqual(['10:00|click|3', '10:00|view|1', '10:01|click|2']);
  });

  test('a malformed record is skipped where the table says so', async () => {
    const shop = new Shop();
    await shop.topic();
    const job = await shop.submit(shop.sql({ options: IGNORE }));
    await shop.produce([...GOOD, MALFORMED, '[]', 'null', '\u0000', ...AFTER]);
    expect(await shop.up()).toEqual([]);
    await shop.sluice('stop', job);
    expect(shop.rows()).toEqual(['10:00|click|2', '10:00|view|1']);
  });

  test('a row time that is null', async () => {
    const { shop, job } = await running();
    await shop.produce([...GOOD, '{"event_type": "click"}']);
    expect(await shop.up()).toMatchObject([{ code: 'ROWTIME_NULL' }]);
    expect(await shop.sluice('list')).toContain(`events-0 at offset ${bytes(GOOD)}: ROWTIME_NULL: 'event_time': RowTime field should not be null`);
    expect(await shop.describe(job)).toMatchObject({ status: 'RESTARTING', recordErrors: [{ offset: bytes(GOOD), code: 'ROWTIME_NULL' }] });
  });

  test('a table of Kafka to write into, where topics are embedded', async () => {
    const shop = new Shop();
    await shop.topic();
    const script = `CREATE TABLE events (event_type STRING) WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'k:9092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
      CREATE TABLE target (event_type STRING) WITH ('connector' = 'kafka', 'topic' = 'target', 'properties.bootstrap.servers' = 'k:9092', 'format' = 'json');
      INSERT INTO target SELECT event_type FROM events;`;
    expect(await shop.refused('OPTION_INVALID', 'sql', '-e', script)).toMatch(/'connector' = 'kafka'\) cannot be written: embedded topics are for input[^]*--kafka HOST:PORT/);
  });

  test('a record that an expression fails on', async () => {
    const shop = new Shop();
    await shop.topic();
    const select = 'INSERT INTO counts SELECT event_time, event_type, 10 / (CHAR_LENGTH(event_type) - 3) FROM events';
    await shop.submit(shop.sql({ select }));
    await shop.produce([...GOOD, labRecord('bad', 5), ...AFTER]);
    expect(await shop.up()).toMatchObject([{ code: 'EXPRESSION_FAILED' }]);
    expect(await shop.sluice('list')).toMatch(new RegExp(`events-0 at offset ${bytes(GOOD)}: EXPRESSION_FAILED: .*zero`));
  });

  test('a torn last line is no record until its newline; the next producer removes it', async () => {
    const { shop, job } = await running();
    await shop.produce(GOOD);
    appendFileSync(shop.partitionFile(), labRecord('torn', 90).slice(0, -4));
    expect(await shop.up()).toEqual([]);
    expect(await shop.sluice('topic', 'consume', 'events')).toBe(GOOD.join('\n'));
    expect((await shop.describe(job)).state?.sources[0]?.partitions).toMatchObject([{ next: bytes(GOOD), lag: 0 }]);
    await shop.produce(AFTER);
    expect(readFileSync(shop.partitionFile(), 'utf8')).toBe(`${[...GOOD, ...AFTER].join('\n')}\n`);
    expect(await shop.up()).toEqual([]);
    expect(shop.rows()).toEqual(['10:00|click|2', '10:00|view|1']);
  });

  test('a record that cannot be produced refuses the whole file', async () => {
    const { shop } = await running();
    expect(await shop.refused('FILE_UNREADABLE', 'topic', 'produce', 'events', '-f', join(shop.home, 'nothing'))).toContain('nothing');
    expect(await shop.refused('TOPIC_UNKNOWN', 'topic', 'produce', 'event', '-f', shop.file('a', 'a'))).toContain("Did you mean 'events'?");
    expect(await shop.refused('TOPIC_UNKNOWN', 'topic', 'produce', 'events', '--partition', '7', '-f', shop.file('a', 'a'))).toContain('no partition 7');
    expect(await shop.refused('TOPIC_EXISTS', 'topic', 'create', 'events')).toContain('events');
    expect(await shop.refused('OPTION_INVALID', 'topic', 'create', 'a b')).toContain("'a b'");
    expect(readFileSync(shop.partitionFile(), 'utf8')).toBe('');
  });
});

describe('statements', () => {
  /** The statement is refused; the error shows the line with a caret under `at`. */
  async function wrong(shop: Shop, code: 'SQL_PARSE' | 'SQL_VALIDATE' | 'SQL_UNSUPPORTED', sql: string, at: string): Promise<string> {
    const text = await shop.refused(code, 'sql', '-e', sql);
    const lines = text.split('\n');
    const caret = lines.findIndex((line) => /^\s*\|\s*\^+$/.test(line));
    const column = lines[caret]?.indexOf('^') ?? -1;
    expect(lines[caret - 1]?.slice(column, column + at.length)).toBe(at);
    expect(text).toMatch(/at line \d+, column \d+/);
    return text;
  }

  const INSERT = (query: string): string => `INSERT INTO counts ${query}`;

  test('names that nobody knows: the nearest one is proposed, and the place is shown', async () => {
    const shop = new Shop();
    await shop.topic();
    const sql = (select: string): string => shop.sql({ select: INSERT(select) });
    expect(await wrong(shop, 'SQL_VALIDATE', sql('SELECT event_time, event_type, 1 FROM event'), 'event')).toContain("hint: Did you mean 'events'?");
    expect(await wrong(shop, 'SQL_VALIDATE', sql('SELECT event_tim, event_type, 1 FROM events'), 'event_tim')).toContain("hint: Did you mean 'event_time'?");
    expect(await wrong(shop, 'SQL_UNSUPPORTED', sql('SELECT event_time, UPPR(event_type), 1 FROM events'), 'UPPR')).toMatch(/hint: Did you mean '?UPPER/i);
    expect(await wrong(shop, 'SQL_VALIDATE', shop.sql({ select: 'INSERT INTO conts SELECT event_time, event_type, 1 FROM events' }), 'conts')).toContain("Did you mean 'counts'?");
    expect(await wrong(shop, 'SQL_PARSE', 'SELEC 1', 'SELEC')).toContain('SELECT');
    expect(await shop.jobs()).toBe('');
  });

  test('types that the sink does not take, an option that nobody reads, a topic that does not exist', async () => {
    const shop = new Shop();
    expect(await shop.refused('TOPIC_UNKNOWN', 'sql', '-e', shop.sql())).toContain('sluice topic create events');
    await shop.topic();
    const types = await wrong(shop, 'SQL_VALIDATE', shop.sql({ select: INSERT('SELECT event_time, event_type, event_type FROM events') }), 'SELECT');
    expect(types).toContain("Incompatible types for sink column 'event_count'");
    expect(types).toContain('event_count: BIGINT');
    const number = await wrong(shop, 'SQL_VALIDATE', shop.sql({ select: INSERT('SELECT event_time, event_type FROM events') }), 'SELECT');
    expect(number).toContain('Different number of columns');
    const option = await shop.refused('OPTION_INVALID', 'sql', '-e', shop.sql({ options: `, 'json.ignore-parse-error' = 'true'` }));
    expect(option).toContain("Did you mean 'json.ignore-parse-errors'?");
    const value = await shop.refused('OPTION_INVALID', 'sql', '-e', shop.sql({ options: `, 'json.ignore-parse-errors' = 'perhaps'` }));
    expect(value).toContain('Unrecognized option for boolean: perhaps');
    const key = await shop.refused('OPTION_INVALID', 'sql', '-e', `SET 'execution.checkpointing.intervall' = '1 s'`);
    expect(key).toContain("Did you mean 'execution.checkpointing.interval'?");
    expect(await shop.refused('OPTION_INVALID', 'sql', '-e', `SET 'execution.checkpointing.interval' = 'soon'`)).toContain("not 'soon'");
    expect(await shop.jobs()).toBe('');
  });
});

describe('savepoints', () => {
  async function withSavepoint(): Promise<{ shop: Shop; job: string; path: string }> {
    const { shop, job } = await running();
    await shop.produce(GOOD);
    await shop.up();
    const path = /Path: (.*)/.exec(await shop.sluice('savepoint', job))?.[1] ?? '';
    await shop.sluice('cancel', job);
    return { shop, job, path };
  }

  /** Neither a resume nor a fork takes the path. */
  async function refusedEverywhere(shop: Shop, job: string, path: string, code: Parameters<Shop['refused']>[0]): Promise<string> {
    const fork = await shop.refused(code, 'sql', '-e', `SET 'execution.savepoint.path' = '${path}'; ${shop.sql()}`);
    const resume = await shop.refused(code, 'resume', job, '--from', path);
    expect(fork).toContain(/: (.*)/.exec(resume)?.[1]);
    return resume;
  }

  test('a directory that is missing, empty, or no savepoint', async () => {
    const { shop, job, path } = await withSavepoint();
    for (const other of [join(shop.home, 'nothing'), join(path, '..'), shop.dir]) {
      expect(await refusedEverywhere(shop, job, other, 'SAVEPOINT_NOT_FOUND')).toContain(other.replace(/\/[^/]*\/\.\.$/, ''));
    }
    await shop.refused('SAVEPOINT_NOT_FOUND', 'savepoint', '--dispose', join(shop.home, 'nothing'));
    await refusedEverywhere(shop, job, 'gopher://x/y', 'OPTION_INVALID');
    expect(await shop.refused('STORE_FAILED', 'resume', job, '--from', shop.file('file', ''))).toContain('not a directory');
    await shop.sluice('resume', job, '--from', path);
  });

  test('a file that was cut, changed or removed', async () => {
    const { shop, job, path } = await withSavepoint();
    const names = readdirSync(path);
    expect(names).toHaveLength(2);
    for (const name of names) {
      const file = join(path, name);
      const original = readFileSync(file);
      truncateSync(file, original.length - 1);
      expect(await refusedEverywhere(shop, job, path, 'SAVEPOINT_CORRUPT')).toContain(name);
      for (const at of [0, original.length >> 1, original.length - 1]) {
        writeFileSync(file, original.map((byte, i) => (i === at ? byte ^ 1 : byte)));
        expect(await shop.refused('SAVEPOINT_CORRUPT', 'resume', job, '--from', path)).toContain(name);
      }
      rmSync(file);
      expect(await shop.refused(name === '_metadata' ? 'SAVEPOINT_NOT_FOUND' : 'SAVEPOINT_CORRUPT', 'resume', job, '--from', path)).toContain(name);
      writeFileSync(file, original);
    }
    const metadata = join(path, '_metadata');
    const text = readFileSync(metadata, 'utf8');
    writeFileSync(metadata, text.replace(/"next": \d+/, '"next": 0'));
    expect(await refusedEverywhere(shop, job, path, 'SAVEPOINT_CORRUPT')).toContain('_metadata was changed');
    writeFileSync(metadata, text.replace('"minReader": 1', '"minReader": 3'));
    await refusedEverywhere(shop, job, path, 'SAVEPOINT_VERSION');
    writeFileSync(metadata, text);

    await shop.sluice('resume', job, '--from', path);
    await shop.produce(AFTER);
    await shop.up();
    expect(shop.rows()).toEqual(['10:00|click|2', '10:00|view|1']);
  });

  test('another plan: the list of what is dropped and what starts empty; --allow-non-restored-state lets it pass', async () => {
    const { shop, job, path } = await withSavepoint();
    const select = `INSERT INTO counts SELECT window_start, 'all', COUNT(*)
      FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '2' MINUTES)) GROUP BY window_start, window_end`;
    const file = shop.file('other.sql', shop.sql({ select }));
    const fork = ['sql', '-e', `SET 'execution.savepoint.path' = '${path}'`, '-f', file];
    for (const words of [fork, ['resume', job, '--from', path, '-f', file], ['resume', job, '-f', file]]) {
      const text = await shop.refused('STATE_INCOMPATIBLE', ...words);
      expect(text).toMatch(/^ {2}dropped {7}\S+\.acc$/m);
      expect(text).toMatch(/^ {2}starts empty {2}\S+\.acc$/m);
      expect(text).toMatch(/^ {2}restored {6}\S+\.offsets of events$/m);
      expect(text).toContain('hint: pass --allow-non-restored-state');
    }
    const resumed = await shop.sluice('resume', job, '--from', path, '-f', file, '--allow-non-restored-state');
    expect(resumed).toMatch(/^Dropped state: \S+\.acc$/m);
    await shop.produce([labRecord('click', 3), labRecord('click', 130)]);
    expect(await shop.up()).toEqual([]);
    expect(shop.rows()).toEqual(['10:00|all|1']);
    expect(await shop.sluice('describe', job)).toMatch(/dropped \S+\.acc/);
  });

  test('a drained job has no state to go on from, neither in its savepoint nor in its logs', async () => {
    const { shop, job } = await running();
    await shop.produce(GOOD);
    await shop.up();
    const path = /Path: (.*)/.exec(await shop.sluice('stop', job, '--drain'))?.[1] ?? '';
    expect(shop.rows()).toEqual(['10:00|click|1', '10:00|view|1']);
    await refusedEverywhere(shop, job, path, 'SAVEPOINT_DRAINED');
    await shop.refused('SAVEPOINT_DRAINED', 'resume', job);
  });

  test('a directory that cannot be written: the job goes on', async () => {
    const { shop, job } = await running();
    await shop.produce(GOOD);
    await shop.up();
    const below = join(shop.file('regular', ''), 'x');
    for (const words of [['savepoint', job, below], ['stop', job, '-p', below], ['stop', job, '--drain', '-p', below]]) {
      expect(await shop.refused('SAVEPOINT_UNWRITABLE', ...words)).toContain(below);
    }
    await shop.refused('OPTION_INVALID', 'savepoint', job, 'gs://bucket/x');
    await shop.produce(AFTER);
    await shop.up();
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', failure: null });
    expect(shop.rows()).toEqual(['10:00|click|2', '10:00|view|1']);
  });
});

describe('operations', () => {
  test('what does not fit the state of the job, or names none', async () => {
    const { shop, job } = await running();
    expect(await shop.refused('JOB_STATE', 'resume', job)).toContain('RUNNING');
    expect(await shop.refused('JOB_UNKNOWN', 'describe', 'f'.repeat(32))).toContain('there is no job');
    expect(await shop.refused('JOB_UNKNOWN', 'stop', 'nonsense')).toContain('nonsense');
    await shop.sluice('cancel', job);
    for (const word of ['stop', 'cancel', 'savepoint']) expect(await shop.refused('JOB_STATE', word, job)).toContain('CANCELED');
    // With 17 jobs, two begin with the same digit.
    const ids = [job];
    for (let i = 0; i < 16; i++) ids.push(await shop.submit(shop.sql()));
    const prefix = ids.map((id) => id.slice(0, 1)).find((digit, i, all) => all.indexOf(digit) !== i) ?? '';
    expect(await shop.refused('JOB_UNKNOWN', 'cancel', prefix)).toMatch(/\d+ jobs start with/);
    await shop.sluice('cancel', ids[1] ?? '');
  });

  test('a command line that is wrong ends with 2', async () => {
    const { shop, job } = await running();
    const lines = [
      ['nosuch'],
      ['list', '--nosuch'],
      ['describe'],
      ['describe', job, 'more'],
      ['topic', 'create', 'x', '--partitions', 'many'],
      ['topic', 'produce', 'events'],
      ['sql'],
      ['savepoint'],
      ['list', '--json=x'],
      ['resume', job, '--from'],
      ['resume', job, '-f', shop.file('empty.sql', '')],
    ];
    for (const words of lines) await shop.refused('USAGE', ...words);
    expect(await shop.type('list', '--dir')).toMatchObject({ code: 2 });
    expect(await shop.refused('FILE_UNREADABLE', 'sql', '-f', join(shop.home, 'nothing.sql'))).toContain('nothing.sql');
  });

  test('a data directory that is none, or lies below a file', async () => {
    const { shop } = await running();
    const file = shop.file('regular', '');
    for (const dir of [join(shop.home, 'nothing'), file, join(file, 'x')]) {
      expect(await shop.refused('FILE_UNREADABLE', 'list', '--dir', dir)).toContain(dir);
    }
    expect(await shop.refused('STORE_FAILED', 'topic', 'create', 'x', '--dir', join(file, 'x'))).toContain(file);
    writeFileSync(join(shop.home, 'store.db'), 'this is no database, but as long as the head of one would be '.repeat(99));
    expect(await shop.refused('STORE_CORRUPT', 'list', '--dir', shop.home)).toContain('store.db');
  });
});
