/** Checks of the end of a run: everything is done that had to be done, and nothing else (I-LIVE, I-EMIT). */
import { partitionId, partsOf, type Generation, type JobId } from '../../../lib/core/numbers.ts';
import { operatorUid, sinkUid } from '../plan-parts.ts';
import { DEAD_LETTERS, FILTERED_KEY, sinkUids, type OperatorShape, type Shape } from '../shape.ts';
import type { SimulatedStores } from '../stores.ts';
import type { Topics } from '../topics.ts';
import { isEndKey } from '../traffic.ts';
import { violate } from '../violation.ts';
import { batchResult } from './batch.ts';
import type { CoordinatorCheck } from './coordinator-check.ts';
import { expectSame } from './expect.ts';
import { isLetterOf, letterOfRecord } from './reference-letters.ts';
import type { Oracle } from './oracle.ts';
import type { ReferenceOperator } from './reference-window.ts';

/** What a generation has still to do before it is at rest; empty where it is. */
export function unfinished(check: CoordinatorCheck | undefined, shape: Shape, topics: Topics): string[] {
  if (check === undefined) return ['it has not begun'];
  const left: string[] = [];
  for (const [s, source] of shape.sources.entries()) {
    for (const [t, topic] of source.topics.entries()) {
      for (let n = 0; n < topics.width(topic); n++) {
        const last = topics.records(topic, n).at(-1)?.offset ?? -1;
        const p = partitionId(s, t, n);
        const next = check.state.partitions.get(p)?.next ?? -1;
        if (next <= last) left.push(`${p} is read up to ${next} of ${last}`);
      }
    }
  }
  const open = check.state.operators.flatMap((operator, i) => waitingIn(operator, shape.operators[i]));
  if (open.length > 0) left.push(`windows that have not fired: ${open.join(' ')}`);
  if (check.isPending) left.push(`FIRE ${check.position?.f} is not acknowledged`);
  if (check.checkpointed !== check.position?.f) left.push(`FIRE ${check.position?.f} has no checkpoint`);
  return left;
}

function waitingIn(operator: ReferenceOperator, shape: OperatorShape | undefined): string[] {
  if (operator.waiting !== undefined) return operator.waiting();
  if (shape?.kind === 'window' && shape.window.kind === 'unbounded') return [];
  return operator.open().filter((window) => !isEndKey(window.split('|')[2] ?? ''));
}

/** I-BATCH: where no row can be late, all that was ever emitted and what is still open are the result of the whole input. */
export function checkBatch(check: CoordinatorCheck, shape: Shape, topics: Topics): void {
  for (const [i, shaped] of shape.operators.entries()) {
    if (shaped.kind === 'function' || shaped.window.kind === 'unbounded' || shaped.after !== undefined) continue;
    const { window, sources } = shaped;
    const names = sources.flatMap((s) => shape.sources[s]?.topics ?? []);
    const records = names.flatMap((name) => Array.from({ length: topics.width(name) }, (_, p) => topics.records(name, p)).flat());
    const operator = check.state.operators[i];
    violate(operator?.late !== 0, `I-CONS: operator ${i} has ${operator?.late} late rows of input in order`);
    const found = [...check.emitted(sinkUid(i), check.position?.f ?? 0), ...(operator?.open() ?? [])].sort();
    expectSame(found, batchResult(window, records.filter((r) => r.key !== FILTERED_KEY && r.bad === undefined)), `I-BATCH: operator ${i}`);
  }
}

/**
 * I-DLQ: the FIREs that lead here have every bad record up to where the logs were cut, once, beside what functions have failed on; and where nobody went back, the
 * table has nothing but their letters.
 */
export function checkDeadLetters(check: CoordinatorCheck, stores: SimulatedStores, id: JobId, shape: Shape, topics: Topics): number {
  const bad = [...check.state.partitions].flatMap(([p, { next }]) => {
    const { source, topic, partition } = partsOf(p);
    const records = topics.records(shape.sources[source]?.topics[topic] ?? '', partition);
    return records.filter((r) => r.bad !== undefined && r.offset < next).map((r) => letterOfRecord(shape, p, r));
  });
  bad.sort();
  const letters = check.emitted(DEAD_LETTERS, check.position?.f ?? 0).sort();
  const functions = shape.operators.map((_, i) => operatorUid(i));
  expectSame(letters.filter((letter) => !isLetterOf(functions, letter)), bad, 'I-DLQ: the FIREs that lead here');
  if (check.wentBack) return letters.length;
  const rows = stores.sinks.journal(id, DEAD_LETTERS).flatMap((emission) => emission.rows.map((row) => row.map(String).join('|')));
  expectSame(rows.sort(), letters, 'I-DLQ: the dead-letter table');
  return letters.length;
}

/** I-EMIT: nothing took effect but what a FIRE in the log holds, in the order of the FIREs. */
export function checkEmissions(oracle: Oracle, stores: SimulatedStores, id: JobId, newest: Generation, shape: Shape): void {
  for (const sink of sinkUids(shape)) {
    let last = { g: -1, f: -1 };
    for (const emission of stores.sinks.journal(id, sink)) {
      const at = `emission ${emission.g}:${emission.f} at ${sink}`;
      const rows = oracle.coordinator(id, emission.g)?.fires.find((fire) => fire.f === emission.f)?.rows.get(sink);
      violate(rows === undefined, `I-EMIT: ${at} has no FIRE in the log`);
      violate(emission.g > newest, `I-GEN: ${at} is of a generation that does not exist`);
      expectSame(emission.rows.map((row) => row.map(String).join('|')).sort(), rows ?? [], `I-EMIT: ${at}`);
      violate(emission.g < last.g || (emission.g === last.g && emission.f <= last.f), `I-EMIT: ${at} follows ${last.g}:${last.f} (X2)`);
      last = emission;
    }
  }
}
