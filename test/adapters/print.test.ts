/** The `print` connector writes rows as Flink's does. */
import { expect, test } from 'vitest';
import { rowText } from '../../lib/adapters/print/row-text.ts';
import { blackhole, PrintSink } from '../../lib/adapters/print/sink.ts';
import { BIGINT, BOOLEAN, DOUBLE, LENGTH_MAX, STRING, TIMESTAMP3, type SqlType, type Value } from '../../lib/core/types.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { emission, sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';

function printed(options: Readonly<Record<string, string>>): { sink: PrintSink; lines: string[] } {
  const lines: string[] = [];
  return { sink: new PrintSink(sinkNode('print', options), (text, target) => lines.push(`${target} ${text}`)), lines };
}

test('one line per row, once per position', async () => {
  const { sink, lines } = printed({});
  await sink.emit(emission(0, 1, null, ['a', 'b']));
  await sink.emit(emission(0, 1, null, ['a', 'b']));
  await sink.emit(emission(0, 2, 1, []));
  await sink.emit(emission(0, 3, 1, ['c']));
  await sink.emit(emission(1, 2, 1, ['d']));
  expect(lines).toEqual(['a', 'b', 'c', 'd'].map((v) => `stdout +I[${v}]\n`));
});

/** What a process has printed it knows; another process would print it again. */
const oneProcess = (): SinkWorld => {
  const { sink, lines } = printed({});
  return { open: async () => sink, effects: async () => lines.map((line) => /\[(.*)\]/.exec(line)?.[1] ?? line) };
};

sinkContract('print, in one process', oneProcess, {
  'X1: the sinks of two jobs on one table do not meet': 'one process is one job here',
  'X2: an emission whose predecessor has not taken effect is refused': 'a terminal has no position to compare with',
  'X3: after a fence nothing of an older generation takes effect': 'a terminal has no fence',
  'X3: a fence returns the newest position that took effect, and can be repeated': 'a terminal does not tell what was printed',
  'X4: a position that is repeated with other rows is REPLAY_DIFFERS and has no effect': 'what was printed is not kept',
});
sinkUnderFaults('print, in one process', oneProcess, {
  'X3: of the old generation nothing takes effect behind a fence, however late it lands; the new one goes on at its answer':
    'a terminal has no fence',
});

test('print-identifier and standard-error', async () => {
  const { sink, lines } = printed({ 'print-identifier': 'out', 'standard-error': 'true' });
  await sink.emit(emission(0, 1, null, ['a']));
  expect(lines).toEqual(['stderr out> +I[a]\n']);
});

const TEN = Date.UTC(2026, 10, 20, 10);

test.each<[SqlType, Value, string]>([
  [STRING, null, 'null'],
  [STRING, 'a, b', 'a, b'],
  [BOOLEAN, true, 'true'],
  [BIGINT, -9_223_372_036_854_775_808n, '-9223372036854775808'],
  [DOUBLE, 1e7, '1.0E7'],
  [{ kind: 'DECIMAL', precision: 10, scale: 2 }, 1250n, '12.50'],
  [{ kind: 'VARBINARY', length: LENGTH_MAX }, Uint8Array.of(1, 255), '[1, -1]'],
  [{ kind: 'DATE' }, 0, '1970-01-01'],
  [TIMESTAMP3, TEN, '2026-11-20T10:00'],
  [TIMESTAMP3, TEN + 1500, '2026-11-20T10:00:01.500'],
  [TIMESTAMP3, TEN + 60_000, '2026-11-20T10:01'],
  [{ kind: 'TIMESTAMP', precision: 6 }, BigInt(TEN) * 1_000_000n + 1_230_000n, '2026-11-20T10:00:00.001230'],
  [{ kind: 'TIMESTAMP_LTZ', precision: 3 }, TEN, '2026-11-20T10:00:00Z'],
  [{ kind: 'TIME', precision: 0 }, 36_000_000, '10:00'],
])('%j %s is %s', (type, value, text) => {
  expect(rowText({ columns: [{ name: 'v', type, nullable: true }] }, [value])).toBe(`+I[${text}]`);
});

test('blackhole confirms everything', async () => {
  expect(await blackhole.emit(emission(0, 1, null, ['a']))).toEqual({ kind: 'durable' });
});
