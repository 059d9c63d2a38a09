/** The document against the table that it is made of, and the table against the server's rules. */
import { expect, test } from 'vitest';
import { openApiOf } from '../../../lib/control/rest/openapi.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { inMemory } from './api.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const document: Document = JSON.parse(JSON.stringify(openApiOf(ROUTES)));
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

test('it has every endpoint once, under an id of its own', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(ROUTES.map(({ path, method }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`).sort());
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(ROUTES.length);
});

test.each(operations)('$method $path: parameters, bodies and a sentence', ({ path, method, operation }) => {
  const { parameters = [], responses, summary, requestBody } = operation;
  expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  expect(Object.keys(responses).sort()).toEqual([expect.stringMatching(/^20[02]$/), 'default']);
  expect(requestBody !== undefined).toBe(method !== 'get');
  expect(summary).toMatch(/^[A-Z].*\.$/);
});

test('its schemas are JSON Schema, of the few keywords that shapes have', () => {
  const keywords = new Set<string>();
  const look = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [keyword, value] of Object.entries(schema)) {
      keywords.add(keyword);
      if (keyword === 'properties') Object.values(value).forEach(look);
      else if (keyword === 'anyOf') value.forEach(look);
      else if (keyword === 'items' || keyword === 'additionalProperties') look(value);
    }
  };
  for (const { request, response } of ROUTES) for (const { schema } of [request, response]) look(schema);
  expect([...keywords].sort()).toEqual(['additionalProperties', 'anyOf', 'enum', 'items', 'maxLength', 'minLength', 'pattern', 'properties', 'required', 'type']);
});

test('it is served', async () => {
  const { get } = await inMemory();
  expect(await get('/sluice/v1/openapi.json')).toEqual({ status: 200, body: document });
});

test('what changes something is no GET, and all that a GET does is to look', async () => {
  const { stack, get } = await inMemory();
  stack.takeCalls();
  for (const { path } of ROUTES.filter(({ method, produces }) => method === 'GET' && produces !== 'text/event-stream')) await get(path.replace('/:jobid', `/${stack.job.id}`).replace(/:checkpointid/, '1').replace(/:\w+/g, 'a'.repeat(32)));
  expect(stack.takeCalls().filter((call) => /\.(append|put|remove|renew|delete|emit|commit)\b/.test(call))).toEqual([]);
});
