/** The metrics that alarms look at: one line of EMF per invocation, by job and by function. */
import { expect, test, vi } from 'vitest';
import { openTelemetry } from '../../lib/lambda/telemetry.ts';
import { ALIAS } from './kit.ts';

/** Lines that `tell` writes. */
function linesOf(tell: () => void): Record<string, unknown>[] {
  const written: string[] = [];
  const keep = (text: string | Uint8Array): boolean => written.push(...String(text).trimEnd().split('\n')) > 0;
  const spies = [vi.spyOn(process.stdout, 'write').mockImplementation(keep), vi.spyOn(process.stderr, 'write').mockImplementation(keep)];
  try {
    tell();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written.map((text) => JSON.parse(text));
}

const isMetrics = (line: object): boolean => '_aws' in line;

test('a firer tells how far its job is behind, and that it failed', () => {
  const lines = linesOf(() => {
    const told = openTelemetry('sluice-firer', 'stack-firer-X')(ALIAS, 'request');
    told.fired({ fires: 1, rows: 2, sinks: { out: 2 }, f: 7, ms: 30 });
    told.standing({ watermarkAgeMs: 90_000, openLagMs: 1234 });
    told.jobFailed('its coordinator log is gone');
    told.flush();
  });
  const metrics = lines.filter(isMetrics);
  expect(metrics).toMatchObject([{ service: 'sluice-firer', function: 'stack-firer-X', job: ALIAS.job, Fires: 1, numRecordsOut: 2, FireTime: 30, watermarkLag: 90_000, OpenLag: 1234, JobFailures: 1 }]);
  const units = { Metrics: expect.arrayContaining([{ Name: 'watermarkLag', Unit: 'Milliseconds' }, { Name: 'OpenLag', Unit: 'Milliseconds' }, { Name: 'JobFailures', Unit: 'Count' }]) };
  expect(metrics[0]).toMatchObject({ _aws: { CloudWatchMetrics: [{ Namespace: 'Sluice', Dimensions: [['service', 'job'], ['service', 'function']], ...units }] } });
  expect(lines).toContainEqual(expect.objectContaining({ message: 'job failed', job: ALIAS.job, why: 'its coordinator log is gone' }));
});

test('an age that does not exist is no metric', () => {
  const [metrics] = linesOf(() => {
    const told = openTelemetry('sluice-firer')(ALIAS, 'request');
    told.standing({ watermarkAgeMs: null, openLagMs: 0 });
    told.flush();
  }).filter(isMetrics);
  expect(metrics).toMatchObject({ OpenLag: 0, function: 'sluice-firer' });
  expect(metrics).not.toHaveProperty('watermarkLag');
});

test('an invocation for no generation has the dimensions of the function only, whatever came before it', () => {
  const open = openTelemetry('sluice-workflow', 'stack-workflow-X');
  const metrics = linesOf(() => {
    for (const alias of [ALIAS, null]) {
      const told = open(alias, 'request');
      told.problem('p', new Error('e'), ALIAS.job);
      told.flush();
    }
  }).filter(isMetrics);
  const dimensions = metrics.map((line) => Reflect.get(Object(line['_aws']), 'CloudWatchMetrics')[0].Dimensions);
  expect(dimensions).toEqual([[['service', 'job'], ['service', 'function']], [['service', 'function']]]);
});

test('an invocation that has nothing to tell writes no metrics, and leaves nothing to the next one', () => {
  const open = openTelemetry('sluice-writer', 'stack-writer-X');
  const metrics = linesOf(() => {
    open(ALIAS, 'first').flush();
    const told = open(null, 'second');
    told.problem('p', new Error('e'));
    told.flush();
  }).filter(isMetrics);
  expect(metrics).toMatchObject([{ requestId: 'second', Problems: 1 }]);
  expect(metrics[0]).not.toHaveProperty('job');
});
