/** The API as an OpenAPI document, for people and for those who generate clients. */
import { patternOf, type Route } from './route.ts';
import { list, object, text, type JsonSchema } from './shape.ts';

const VERSION = '1.0';
const ERRORS = object({ errors: list(text) });

/** In the form of OpenAPI 3.1. */
export function openApiOf(routes: readonly Route[]): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = (paths[route.path.replace(/:(\w+)/g, '{$1}')] ??= {});
    path[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice', version: VERSION, description: "Flink's REST API, as its command line and web pages call it. Every path is also there below /v1." },
    servers: [{ url: 'http://127.0.0.1:8081' }],
    paths,
  };
}

function operationOf({ method, path, summary, query = [], status = 200, request, response, produces }: Route): JsonSchema {
  const parameters = [...pathParameters(path), ...query.map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } }))];
  return {
    operationId: operationId(method, path),
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(method === 'GET' ? {} : { requestBody: { content: json(request.schema) } }),
    responses: {
      [status]: { description: status === 200 ? 'OK' : 'Accepted', content: produces === undefined ? json(response.schema) : { [produces]: { schema: { type: 'string' } } } },
      default: { description: 'What went wrong', content: json(ERRORS.schema) },
    },
  };
}

const json = (schema: JsonSchema): JsonSchema => ({ 'application/json': { schema } });

const pathParameters = (path: string): JsonSchema[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'checkpointid' || name === 'subtaskindex' || name === 'token' ? { type: 'integer' } : { type: 'string', pattern: patternOf(name ?? '').source },
  }));

/** `getJobsJobidStatus` */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() + path.split(/[/:.-]+/).filter((part) => part !== '').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
