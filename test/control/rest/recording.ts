/** Conversations of Flink and its clients, as they were recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly requestBody: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const HEAD = /^\[[\d.]+\] ([A-Z]+) (\S+)$/;

export function recorded(name: string): Exchange[] {
  const text = readFileSync(join(import.meta.dirname, 'recorded', `${name}.txt`), 'utf8');
  return text.trim().split('\n\n').map(exchangeOf);
}

function exchangeOf(block: string): Exchange {
  const [head = '', ...lines] = block.split('\n');
  const [, method = '', path = ''] = HEAD.exec(head) ?? [];
  const after = (start: string): string => lines.find((line) => line.startsWith(start))?.slice(start.length) ?? '';
  const status = Number(/^  < (\d{3}) /m.exec(block)?.[1]);
  return { method, path, requestBody: after('  > body: '), status, contentType: after('  < content-type: '), body: JSON.parse(after('  < body: ')) };
}

/** Keys and types: what a client can rely on, whatever the values. A list has the shapes of its elements, each once. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))].sort().map((shape): unknown => JSON.parse(shape));
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, shapeOf(item)]));
}
