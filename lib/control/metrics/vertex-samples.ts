/** What Flink's tasks tell: of a source how far it has come, of an operator what it keeps, of a sink what it was given. */
import { MAX_WATERMARK, MIN_WATERMARK } from '../../core/watermark.ts';
import { sourcesOf } from '../../core/plan.ts';
import type { OperatorDescription, SourceDescription } from '../describe.ts';
import { offsetUnit } from '../offset-unit.ts';
import type { Vertex } from '../rest/jobmanager/vertices.ts';
import { watermarkOf } from '../rest/jobmanager/watermarks.ts';
import type { Meter } from './meter.ts';
import { samples, type JobFacts, type Of, type Sample, type Values } from './sample.ts';

export function vertexSamples(facts: JobFacts, vertex: Vertex): Sample[] {
  const of: Of = { job: facts.job, vertex, partition: null };
  const { state } = facts.job;
  const source = state?.sources.find(({ uid }) => uid === vertex.uid);
  const operator = state?.operators.find(({ uid }) => uid === vertex.uid);
  const input = state === null ? null : watermarkOf(state, vertex, facts.vertices);
  return [
    ...samples(of, { currentInputWatermark: input, ...(source !== undefined && sourceValues(facts, source)), ...(operator !== undefined && operatorValues(operator)) }),
    ...samples(of, vertex.kind === 'sink' && facts.counted !== null ? written(facts.counted.emitted.of(vertex.uid)) : {}),
    ...(operator?.timers == null ? [] : timerSamples(of, operator.timers)),
  ];
}

function sourceValues(facts: JobFacts, source: SourceDescription): Values {
  const { uid, watermark, partitions } = source;
  const index = facts.job.state?.sources.indexOf(source) ?? 0;
  const meter = facts.counted?.read.of(index);
  const hasWatermark = watermark !== MIN_WATERMARK && watermark !== MAX_WATERMARK;
  return {
    ...(meter !== undefined && { numRecordsIn: meter.total, numRecordsInPerSecond: meter.perSecond }),
    numRecordsInErrors: partitions.reduce((sum, { skipped, deadLetters }) => sum + skipped + deadLetters, 0),
    currentOutputWatermark: watermark,
    watermarkLag: hasWatermark ? facts.now - watermark : null,
    currentEmitEventTimeLag: facts.counted?.lagMs.get(index) ?? null,
    [pendingIn(facts, uid)]: lagOf(partitions),
  };
}

/** Null where it is known of no partition: rows that are generated without end have none. */
function lagOf(partitions: SourceDescription['partitions']): number | null {
  const lags = partitions.flatMap(({ lag }) => lag ?? []);
  return lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0);
}

function pendingIn({ plan, offsets }: JobFacts, uid: string): 'pendingRecords' | 'pendingBytes' {
  const node = sourcesOf(plan).find((one) => one.uid === uid);
  return (node === undefined ? offsets : offsetUnit(node, offsets)) === 'bytes' ? 'pendingBytes' : 'pendingRecords';
}

const operatorValues = ({ lateRows, windows, entries, states, failedRows }: OperatorDescription): Values => ({
  numLateRecordsDropped: lateRows,
  openWindows: windows.length,
  stateEntries: entries,
  stateSize: states.reduce((sum, { bytes }) => sum + bytes, 0),
  failedRows,
});

const written = (meter: Meter): Values => ({ numRecordsOut: meter.total, numRecordsOutPerSecond: meter.perSecond });

const timerSamples = (of: Of, { event, processing }: NonNullable<OperatorDescription['timers']>): Sample[] => [
  { metric: 'timers', of, value: event.count, labels: { time: 'event' } },
  { metric: 'timers', of, value: processing.count, labels: { time: 'processing' } },
];
