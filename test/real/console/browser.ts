/** The page in Debian's Chromium. What it complains of fails the test; what it shows is kept in `screenshots/`. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic', '--no-first-run', '--disable-component-update', '--disable-sync'];
const SCREENSHOTS = join(import.meta.dirname, 'screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const DESK = { width: 1280, height: 860 };
export const PHONE = { width: 360, height: 740 };
export type Scheme = 'light' | 'dark';

export async function launch(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: apt-get install chromium, or name another one with CHROMIUM`);
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

export interface Look {
  readonly size?: typeof DESK;
  readonly scheme?: Scheme;
}

/** Closed with the test, which fails on what its console had to say. */
export async function open(browser: Browser, url: string, { size = DESK, scheme = 'light' }: Look = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: size, colorScheme: scheme, hasTouch: size === PHONE, reducedMotion: 'reduce' });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error.stack)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complaints.push(`it asks another server: ${request.url()}`);
  });
  onTestFinished(async () => {
    await page.close();
    // What the server refuses is meant to be refused, and seen on the page.
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** A picture of all of a view, or of what is seen of a long one; nothing of it is wider than the page, and axe has nothing serious to say of it. */
export async function inspect(page: Page, name: string, isLong = false): Promise<void> {
  const isPhone = page.viewportSize()?.width === PHONE.width;
  const scheme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-${isPhone ? 'phone' : 'desk'}-${scheme}.png`), fullPage: !isLong, caret: 'initial' });
  expect({ name, wider: await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth) }).toEqual({ name, wider: 0 });
  expect({ name, findings: await findings(page) }).toEqual({ name, findings: [] });
}

interface Axe {
  run(): Promise<{ violations: readonly { id: string; impact: string; nodes: readonly { html: string; failureSummary: string }[] }[] }>;
}

/** Serious and critical ones, each with its place. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`);
}

/** ms from the navigation to the first thing that is seen. */
export const firstPaint = (page: Page): Promise<number> => page.evaluate(() => performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')?.startTime ?? Number.NaN);
