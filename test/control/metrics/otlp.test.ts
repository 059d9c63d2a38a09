/** What a collector of OpenTelemetry gets. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { exposed } from '../../../lib/control/metrics/exposed.ts';
import { exportMetrics } from '../../../lib/control/metrics/otlp.ts';
import { METRIC_NAMES } from '../../../lib/control/metrics/table.ts';
import { otlpSettings, parseOtlp } from '../../../lib/cli/otlp.ts';
import { listen } from '../../servers/listening.ts';
import { everySample } from './facts.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface Series {
  readonly dataPoints: readonly { readonly asDouble?: number; readonly asInt?: number; readonly attributes: readonly Attribute[] }[];
}
interface Exported {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string; readonly gauge?: Series; readonly sum?: Series }[] }[];
  }[];
}

/** Answers with this status. */
async function collector(status: number): Promise<{ readonly url: string; readonly got: { readonly path: string; readonly body: Exported }[] }> {
  const got: { path: string; body: Exported }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ path: request.url ?? '', body: JSON.parse(body) });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const { endpoint, stop } = await listen(server);
  onTestFinished(stop);
  return { url: parseOtlp(endpoint), got };
}

const options = { everyMs: 60_000, service: 'jobs-of-mine' } as const;

test('every metric of the table is exported, with its labels, and none beside them', async () => {
  const { url, got } = await collector(200);
  const all = await everySample();
  const troubles: (string | null)[] = [];
  await exportMetrics({ ...options, metrics: { all: async () => all }, url, onTrouble: (reason) => troubles.push(reason) }).close();
  expect(troubles).toEqual([]);
  expect(got.map(({ path }) => path)).toEqual(['/v1/metrics']);
  const [exported] = got[0]?.body.resourceMetrics ?? [];
  expect(exported?.resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'jobs-of-mine' } });
  const metrics = exported?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  expect(metrics.map(({ name }) => name).toSorted()).toEqual(METRIC_NAMES.map((name) => exposed(name).name.replace(/_total$/, '')).toSorted());
  const late = metrics.find(({ name }) => name === exposed('numLateRecordsDropped').name)?.gauge?.dataPoints ?? [];
  expect(late.map(({ asDouble, asInt }) => asDouble ?? Number(asInt))).toEqual([1]);
  expect(late[0]?.attributes).toContainEqual({ key: 'job_name', value: { stringValue: 'lab' } });
  expect(metrics.find(({ name }) => name === 'sluice_partition_dead_letters')).toMatchObject({ sum: { isMonotonic: true } });
});

test('a collector that takes nothing is told of', async () => {
  const { url } = await collector(400);
  const all = await everySample();
  const troubles: (string | null)[] = [];
  await exportMetrics({ ...options, metrics: { all: async () => all }, url, onTrouble: (reason) => troubles.push(reason) }).close();
  expect(troubles).toEqual([expect.any(String)]);
});

test.each([
  { what: 'nothing', otlp: undefined, environment: {}, settings: null },
  { what: 'an address', otlp: 'http://c:4318/v1/metrics', environment: {}, settings: { url: 'http://c:4318/v1/metrics', everyMs: 60_000, service: 'sluice' } },
  { what: 'the environment', otlp: undefined, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_METRIC_EXPORT_INTERVAL: '5000', OTEL_SERVICE_NAME: 's' }, settings: { url: null, everyMs: 5000, service: 's' } },
  { what: 'an environment without metrics', otlp: undefined, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_METRICS_EXPORTER: 'none' }, settings: null },
  { what: 'an environment that is switched off', otlp: undefined, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }, settings: null },
])('$what says where metrics go', ({ otlp, environment, settings }) => expect(otlpSettings(otlp, environment)).toEqual(settings));

test('an address is that of a collector, with or without the path of metrics', () => {
  expect(parseOtlp('http://localhost:4318')).toBe('http://localhost:4318/v1/metrics');
  expect(parseOtlp('https://collector/otlp/metrics')).toBe('https://collector/otlp/metrics');
  for (const text of ['localhost:4318', 'ftp://c', '']) expect(() => parseOtlp(text)).toThrow('It is the address of a collector');
});
