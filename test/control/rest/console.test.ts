/** The files of the web page, as the server gives them. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answer } from '../../../lib/control/rest/answer.ts';
import { PACKAGES, pageFile } from '../../../lib/control/rest/console/files.ts';
import { HERE, inMemory, textOf } from './api.ts';

const PAGE = new URL('../../../lib/console/', import.meta.url).pathname;

test('the page allows nothing but what comes from its server, and its own import map', async () => {
  const { api } = await inMemory();
  const { status, content } = await answer(api, { ...HERE, method: 'GET', target: '/', body: new Uint8Array() });
  expect([status, content.contentType]).toEqual([200, 'text/html; charset=UTF-8']);
  expect(content.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self' 'sha256-[\w+/]{43}='; style-src 'self'; /);
  expect(content.headers['content-security-policy']).not.toContain('unsafe');
});

test('who has a file already is told that it is the same', async () => {
  const { api } = await inMemory();
  const ask = (ifNoneMatch?: string) => answer(api, { ...HERE, method: 'GET', target: '/console/main.js', body: new Uint8Array(), ifNoneMatch });
  const etag = (await ask()).content.headers['etag'];
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  expect(await ask(etag)).toMatchObject({ status: 304, content: { body: '' } });
  expect(await ask('"another"')).toMatchObject({ status: 200 });
});

test.each(['/console/README.md', '/console/tsconfig.json', '/console/nothing.js', '/console/packages/typescript.js', '/console/rest', '/console/..%2fcontrol/jobs.ts', '/console/%2e%2e/package.json', '/console/rest/.js'])(
  '%s is not there',
  async (target) => {
    const { api } = await inMemory();
    const said = await answer(api, { ...HERE, method: 'GET', target, body: new Uint8Array() });
    expect([400, 404]).toContain(said.status);
    expect(textOf(said)).toMatch(/^\{"errors":/);
  },
);

/** Every address in it that begins below the page. */
const named = (text: string): string[] => [...text.matchAll(/(?:href|src)="(console\/[^"]+)"|": "\.\/(console\/[^"]+)"/g)].map(([, one, other]) => one ?? other ?? '');

test('all that the page names is there', async () => {
  const names = named(readFileSync(`${PAGE}index.html`, 'utf8'));
  expect(names.length).toBeGreaterThan(25);
  for (const name of names) {
    const [, folder = '', file = ''] = /^console\/(?:(\w+)\/)?([^/]+)$/.exec(name) ?? [];
    expect([name, await pageFile(folder, file)]).toEqual([name, expect.objectContaining({ contentType: expect.any(String) })]);
  }
});

test('each package is named by the page, and each import of one by its map', () => {
  const page = readFileSync(`${PAGE}index.html`, 'utf8');
  expect(Object.keys(PACKAGES).filter((name) => !page.includes(`console/packages/${name}"`))).toEqual([]);
  const own = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const imported = own.flatMap((file) => [...readFileSync(PAGE + file, 'utf8').matchAll(/^import .*? from '([^.'][^']*)';$/gm)].map(([, name]) => name));
  expect([...new Set(imported)].filter((name) => !page.includes(`"${name}": `))).toEqual([]);
});

test('each package is one that installs with Sluice, not with something that happens to need it', () => {
  const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const names = Object.values(PACKAGES).map((path) => /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
  expect(names.filter((name) => !(name in dependencies))).toEqual([]);
});
