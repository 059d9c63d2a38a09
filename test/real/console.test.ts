/** The web page of `sluice up` in a real browser: the lab without a mouse, every view in dark and light and on a phone, and what thousands of rows do to it. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAB, place, submitLab } from '../cli/sluice.ts';
import { startUp, type Up } from '../cli/up-process.ts';
import { DESK, firstPaint, inspect, launch, open, PHONE, type Scheme } from './console/browser.ts';
import { choose, focusedName, tabTo } from './console/keyboard.ts';
import { MANY, serveMany } from './console/many.ts';
import { longestTask } from './console/stutter.ts';

/** Of the requirement. */
const FIRST_PAINT_MAX_MS = 1000;
const LONG_TASK_MAX_MS = 200;
const SEEN_WITHIN = { timeout: 20_000 };

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

interface Running {
  readonly url: string;
  readonly job: string;
  readonly dir: string;
  readonly up: Up;
  produce(file: string): Promise<unknown>;
}

/** `sluice up` with the job of the lab, whose first records have come. */
async function lab(partitions = 1): Promise<Running> {
  const { dir, sluice } = place();
  const job = await submitLab(sluice, partitions);
  const up = startUp(dir, '--rest-port', '0');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await up.says('REST API is served'))?.[0] ?? '';
  const produce = (file: string): Promise<unknown> => sluice('topic', 'produce', 'savepoint-events', '--file', join(LAB, file), '--partition', '0');
  await produce('1-before.jsonl');
  return { url, job, dir, up, produce };
}

const sees = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).filter({ visible: true }).first().waitFor(SEEN_WITHIN);

/** Who has opened or closed something is where it goes on. */
const focuses = (page: Page, name: unknown): Promise<void> => expect.poll(() => focusedName(page)).toEqual(name);

test('the lab, by keyboard alone', { timeout: 240_000 }, async () => {
  const { url, job, dir, produce } = await lab();
  const page = await open(browser, url);

  await choose(page, 'insert-into_iceberg_catalog.demo.savepoint_test');
  await sees(page, /^Window 2025-12-30 10:02–10:03 is open because partition 0 of topic savepoint-events/);
  await inspect(page, 'job');

  await choose(page, 'Savepoint …');
  await focuses(page, 'Directory');
  await page.keyboard.type(join(dir, 'savepoints'));
  await page.keyboard.press('Enter');
  await sees(page, 'The savepoint is complete, and the job goes on.');
  await sees(page, new RegExp(`^${dir}/savepoints/savepoint-${job.slice(0, 6)}-[0-9a-f]{12}$`));
  await inspect(page, 'savepoint-taken');
  await focuses(page, 'Done');
  await page.keyboard.press('Enter');
  await focuses(page, 'Savepoint …');

  await choose(page, 'Cancel …');
  await focuses(page, 'Keep it running');
  await inspect(page, 'cancel');
  await choose(page, 'Cancel the job');
  await sees(page, 'CANCELED');
  await sees(page, /is open because the job is CANCELED/);
  await produce('2-while-stopped.jsonl');

  await choose(page, 'Resume …');
  await tabTo(page, /^Its last state/);
  await page.keyboard.press('ArrowDown');
  await focuses(page, expect.stringMatching(/^The savepoint of /));
  await choose(page, 'Show what would happen');
  await sees(page, 'All state goes on.');
  await inspect(page, 'resume');
  await choose(page, 'Resume the job');
  await sees(page, 'RUNNING');
  await sees(page, /^Window 2025-12-30 10:02–10:03 is open because .*its watermark is 10:02:55, 5 s before the window ends/);

  await produce('3-close.jsonl');
  await sees(page, /^Window 2025-12-30 10:03–10:04 is open/);

  await choose(page, 'Stop …');
  await tabTo(page, /^Drain/);
  await page.keyboard.press('Space');
  await choose(page, 'Stop the job');
  await sees(page, 'The job has stopped behind this savepoint.');
  await page.keyboard.press('Enter');
  await sees(page, 'FINISHED');
  await focuses(page, 'Resume …');

  await choose(page, 'SQL');
  await write(page, `SET 'execution.runtime-mode' = 'batch'; SELECT event_type, event_count FROM iceberg_catalog.demo.savepoint_test ORDER BY window_start, event_type`);
  await page.keyboard.press('Control+Enter');
  await sees(page, '7 rows');
  await inspect(page, 'sql-rows');
});

/** Into the editor, in the place of what is there. */
async function write(page: Page, text: string): Promise<void> {
  await tabTo(page, 'SQL');
  await page.keyboard.press('Tab');
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

test('a mistake in SQL is marked where it is, and EXPLAIN follows the text', async () => {
  const { url } = await lab();
  const page = await open(browser, `${url}/#/sql`);
  await write(page, 'CREATE TABLE numbers (n INT) WITH (\'connector\' = \'datagen\');\nINSERT INTO nowhere SELECT n FROM numbers;');
  await sees(page, /nowhere/);
  await choose(page, /^Line 2:\d+$/);
  await page.locator('.cm-lintRange-error').waitFor(SEEN_WITHIN);
  await inspect(page, 'sql-mistake');
  await write(page, "CREATE TABLE numbers (n INT) WITH ('connector' = 'datagen');\nCREATE TABLE printed (n INT) WITH ('connector' = 'print');\nINSERT INTO printed SELECT n FROM numbers WHERE n > 3;");
  await choose(page, 'Explain');
  await sees(page, /Source .*numbers/);
  await inspect(page, 'sql-explain');
  await write(page, 'SHOW CATALOGS; SHOW NONSENSE; SHOW TABLES;');
  await page.keyboard.press('Control+Enter');
  await sees(page, 'default_catalog');
  await page.locator('.result.failed').waitFor(SEEN_WITHIN);
  expect(await page.locator('.result').count()).toBe(2);
});

const LOOKS: readonly { size: typeof DESK; scheme: Scheme }[] = [
  { size: DESK, scheme: 'light' },
  { size: DESK, scheme: 'dark' },
  { size: PHONE, scheme: 'light' },
  { size: PHONE, scheme: 'dark' },
];

test('every view, on desk and phone, in dark and light', { timeout: 240_000 }, async () => {
  const { url, job } = await lab(3);
  for (const look of LOOKS) {
    const page = await open(browser, url, look);
    await sees(page, 'RUNNING');
    await inspect(page, 'jobs');
    await page.goto(`${url}/#/jobs/${job}`);
    await sees(page, /^Window .* is open because partition [12] of topic savepoint-events has sent nothing yet/);
    await page.locator('.chart canvas').first().waitFor(SEEN_WITHIN);
    await inspect(page, 'overview');
    for (const [tab, text] of Object.entries({ partitions: 'Partitions of', state: 'Open windows', checkpoints: 'Checkpoints and savepoints', records: /No record was late|Late rows/ })) {
      await page.goto(`${url}/#/jobs/${job}/${tab}`);
      await sees(page, text);
      await inspect(page, tab);
    }
    await page.goto(`${url}/#/sql`);
    await page.locator('.cm-content').waitFor(SEEN_WITHIN);
    await inspect(page, 'sql');
  }
});

test('when the server goes, the page says so, and when it is back, it goes on', async () => {
  const { url, up, dir } = await lab();
  const page = await open(browser, url);
  await sees(page, 'Live');
  await up.end();
  await sees(page, 'The server is gone.');
  await inspect(page, 'server-gone');
  startUp(dir, '--rest-port', new URL(url).port);
  await sees(page, 'Live');
});

test('who has the token signs in, by keyboard', async () => {
  const { dir, sluice, file } = place();
  await submitLab(sluice);
  const token = (await sluice('token')).out.trim();
  const up = startUp(dir, '--rest-port', '0', '--token-file', file('token', token));
  const page = await open(browser, /http:\/\/127\.0\.0\.1:\d+/.exec(await up.says('REST API is served'))?.[0] ?? '');
  await sees(page, 'Sign in');
  await inspect(page, 'sign-in');
  await tabTo(page, 'Token of this server');
  await page.keyboard.type('not it');
  await page.keyboard.press('Enter');
  await sees(page, /This is not the token/);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');
  await sees(page, 'insert-into_iceberg_catalog.demo.savepoint_test');
});

describe('a thousand', () => {
  test('jobs: they are seen at once, and scroll without stutter', async () => {
    const page = await open(browser, await serveMany());
    await sees(page, 'orders per minute 1000');
    const painted = await firstPaint(page);
    console.log(`first paint after ${Math.round(painted)} ms`);
    expect(painted).toBeLessThan(FIRST_PAINT_MAX_MS);
    expect(await page.locator('tbody tr').count()).toBeLessThan(80);
    await scrollThrough(page);
    await sees(page, /^orders per minute 1$/);
    await page.keyboard.press('Control+Home');
    await tabTo(page, 'Filter by name or id');
    await expectSmooth(page, async () => {
      await page.keyboard.type('minute 77');
      await sees(page, 'orders per minute 777');
    });
    await inspect(page, 'thousand-jobs');
  });

  test('partitions scroll without stutter', async () => {
    const url = await serveMany();
    const page = await open(browser, `${url}/#/jobs/${'0'.repeat(31)}1/partitions`);
    await sees(page, /^The watermark is .*held by partition 0/);
    expect(await page.locator('table').getAttribute('aria-rowcount')).toBe(String(MANY + 1));
    await scrollThrough(page);
    await page.locator(`tr[aria-rowindex="${MANY + 1}"]`).waitFor(SEEN_WITHIN);
    await inspect(page, 'thousand-partitions', true);
  });
});

/** From one end to the other, with the keyboard. */
async function scrollThrough(page: Page): Promise<void> {
  await expectSmooth(page, async () => {
    for (let i = 0; i < 70; i++) await page.keyboard.press('PageDown');
    await page.keyboard.press('Control+End');
    await page.waitForTimeout(300);
  });
}

async function expectSmooth(page: Page, action: () => Promise<void>): Promise<void> {
  const longest = await longestTask(browser, page, action);
  console.log(`the longest task took ${Math.round(longest)} ms`);
  expect(longest).toBeLessThan(LONG_TASK_MAX_MS);
}
