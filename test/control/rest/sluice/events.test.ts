/** What pages hear: of the list and of one job, whenever something has changed, from one reader for all of them. */
import { expect, test } from 'vitest';
import { answer } from '../../../../lib/control/rest/answer.ts';
import { Content } from '../../../../lib/control/rest/content.ts';
import { cancelJob } from '../../../../lib/control/operations.ts';
import { SluiceError } from '../../../../lib/core/errors.ts';
import { wallTime } from '../../../../lib/core/numbers.ts';
import { HERE, inMemory, type InMemory } from '../api.ts';

/** Time that stands still until the test lets it go on. */
class Clock {
  ms = 0;
  #waiting: (() => void)[] = [];

  elapsed(): number {
    return this.ms;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** To the next tick, and until what it has begun has come to its end. */
  async tick(ms = 1000): Promise<void> {
    this.ms += ms;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
    await settled();
  }

  get waiting(): number {
    return this.#waiting.length;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

interface Heard {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** What a listener has been sent. */
class Ear {
  readonly heard: string[] = [];
  readonly #events: AsyncIterator<string>;
  readonly ended: Promise<void>;

  constructor(stream: AsyncIterable<string>) {
    this.#events = stream[Symbol.asyncIterator]();
    this.ended = this.#listen();
  }

  async #listen(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#events.next();
      if (done === true) return;
      this.heard.push(value);
    }
  }

  async close(): Promise<void> {
    await this.#events.return?.();
    await this.ended;
  }

  /** Since this was asked last. */
  take(): Heard[] {
    const text = this.heard.splice(0).join('');
    return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event = '', data = '']) => ({ event, data: JSON.parse(data) }));
  }
}

interface Listening extends InMemory {
  readonly clock: Clock;
  listen(query?: string): Promise<Ear>;
}

async function listening(change: Parameters<typeof inMemory>[1] = {}): Promise<Listening> {
  const clock = new Clock();
  const world = await inMemory({}, { runtime: { now: () => wallTime(clock.ms), elapsed: () => clock.elapsed(), sleep: () => clock.sleep(), randomHex: (bytes) => 'a'.repeat(2 * bytes), runWithin: () => true }, ...change });
  const listen = async (query = ''): Promise<Ear> => {
    const { content } = await answer(world.api, { method: 'GET', target: `/sluice/v1/events${query}`, body: new Uint8Array(), ...HERE });
    if (!(content instanceof Content) || typeof content.body === 'string' || content.body instanceof Uint8Array) throw new TypeError('no stream');
    expect(content.contentType).toBe('text/event-stream');
    const ear = new Ear(content.body);
    await settled();
    return ear;
  };
  return { ...world, clock, listen };
}

test('the list comes whole, then what has changed in it, then nothing but a sign of life', async () => {
  const { listen, clock, stack } = await listening();
  const ear = await listen();
  expect(ear.heard[0]).toBe('retry: 2000\n\n');
  await clock.tick();
  expect(ear.take()).toMatchObject([{ event: 'jobs', data: { jobs: [{ id: stack.job.id, status: 'RUNNING' }], total: 1, counts: { RUNNING: 1 } } }]);
  await clock.tick();
  expect(ear.take()).toEqual([]);
  await cancelJob(stack.workshop, stack.job.id);
  await clock.tick();
  expect(ear.take()).toMatchObject([{ event: 'jobs', data: { jobs: [{ status: 'CANCELED' }], counts: { CANCELED: 1 } } }]);
  for (let second = 0; second < 15; second++) await clock.tick();
  expect(ear.heard).toEqual([': still here\n\n']);
  await ear.close();
});

test('a store without jobs says so', async () => {
  const { listen, clock } = await listening({ jobs: async () => [] });
  const ear = await listen();
  await clock.tick();
  expect(ear.take()).toEqual([{ event: 'jobs', data: { jobs: [], total: 0, counts: {}, offsets: 'bytes' } }]);
  await ear.close();
});

test('a job comes in full with a sample, then again when records have come, and its state is read for that alone', async () => {
  const { listen, clock, stack } = await listening();
  const ear = await listen(`?job=${stack.job.id}`);
  expect(ear.take().map(({ event }) => event).sort()).toEqual(['job', 'sample']);
  stack.takeCalls();
  await clock.tick();
  expect(ear.take().map(({ event }) => event)).toEqual(['sample']);
  const idle = stack.takeCalls().length;
  stack.produce([['a', 1]]);
  await stack.deliver(stack.writer());
  await clock.tick();
  const news = ear.take();
  expect(news.find(({ event }) => event === 'job')?.data).toMatchObject({ state: { operators: [{ entries: 1 }] } });
  expect(news.find(({ event }) => event === 'sample')?.data).toMatchObject({ lag: 0 });
  expect(stack.takeCalls().length).toBeGreaterThan(idle);
  await ear.close();
});

test('listeners share one reader, and nobody reads for nobody', async () => {
  const { listen, clock, stack } = await listening();
  const ears = [await listen(), await listen(), await listen()];
  stack.takeCalls();
  await clock.tick();
  // The ids, and the job.
  expect(stack.takeCalls()).toHaveLength(2);
  for (const ear of ears) {
    expect(ear.take()).toMatchObject([{ event: 'jobs' }]);
    await ear.close();
  }
  await clock.tick();
  stack.takeCalls();
  for (let second = 0; second < 5; second++) await clock.tick();
  expect(stack.takeCalls()).toEqual([]);
  expect(clock.waiting).toBe(0);
});

test('a listener who takes nothing keeps nothing: he gets the newest of all that he has missed', async () => {
  const { api, clock, stack } = await listening();
  const { content } = await answer(api, { method: 'GET', target: `/sluice/v1/events?job=${stack.job.id}`, body: new Uint8Array(), ...HERE });
  if (typeof content.body === 'string' || content.body instanceof Uint8Array) throw new TypeError('no stream');
  const slow = content.body[Symbol.asyncIterator]();
  await slow.next();
  for (let second = 0; second < 50; second++) {
    stack.produce([['a', second]]);
    await stack.deliver(stack.writer());
    await clock.tick();
  }
  const { value = '' } = await slow.next();
  expect(value.match(/^event: job$/gm)).toHaveLength(1);
  expect(value.match(/^event: sample$/gm)).toHaveLength(1);
  await slow.return?.();
});

test('what cannot be read is said, once, and said to be back by all of it', async () => {
  let isDown = true;
  const world = await inMemory();
  const summary = await world.api.rest.plane.job(world.stack.job.id);
  const { listen, clock } = await listening({ jobs: () => (isDown ? Promise.reject(new SluiceError('STORE_FAILED', { message: 'away', hint: 'wait' })) : Promise.resolve([summary])) });
  const ear = await listen();
  await clock.tick();
  await clock.tick();
  expect(ear.take()).toEqual([{ event: 'gone', data: { code: 'STORE_FAILED', message: 'away', hint: 'wait' } }]);
  isDown = false;
  await clock.tick();
  expect(ear.take()).toMatchObject([{ event: 'jobs', data: { jobs: [{ id: summary.id }] } }]);
  isDown = true;
  await clock.tick();
  isDown = false;
  await clock.tick();
  // No job has changed meanwhile: that the list can be read again is said all the same.
  expect(ear.take()).toMatchObject([{ event: 'gone' }, { event: 'jobs', data: { jobs: [], total: 1 } }]);
  await ear.close();
});

test('a job whose logs cannot be read is described all the same', async () => {
  const { listen, stack } = await listening({ standing: () => Promise.reject(new SluiceError('LOG_EXPIRED', { message: 'gone' })) });
  const ear = await listen(`?job=${stack.job.id}`);
  expect(ear.take().map(({ event }) => event).sort()).toEqual(['job', 'sample']);
  await ear.close();
});

test('a defect is told to the operator, and not to listeners', async () => {
  const defect = new TypeError('secret.ts');
  const { listen, clock, defects } = await listening({ jobs: () => Promise.reject(defect) });
  const ear = await listen();
  await clock.tick();
  expect(ear.take()).toEqual([{ event: 'gone', data: { code: 'INVARIANT', message: 'Internal server error.', hint: null } }]);
  expect(defects).toContain(defect);
  await ear.close();
});

test('what takes long is read less often', async () => {
  let reads = 0;
  const { listen, clock } = await listening({
    jobs: async () => {
      reads++;
      clock.ms += 3000;
      return [];
    },
  });
  const ear = await listen();
  for (let second = 0; second < 30; second++) await clock.tick();
  expect(reads).toBe(3);
  await ear.close();
});

test.each([['?job=x', 400], [`?job=${'0'.repeat(31)}f`, 404]])('%s is refused with %i', async (query, status) => {
  const { get } = await listening();
  expect((await get(`/sluice/v1/events${query}`)).status).toBe(status);
});
