/** Metrics in the text format of Prometheus. */
import { Counter, Gauge, Registry } from 'prom-client';
import { exposed, labelsOf, numberOf, type Exposed } from './exposed.ts';
import type { Sample } from './sample.ts';

export async function prometheusText(samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  for (const [metric, of] of Map.groupBy(samples, (sample) => sample.metric)) add(registry, exposed(metric), of);
  return registry.metrics();
}

function add(registry: Registry, { name, help, type, labels }: Exposed, samples: readonly Sample[]): void {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'gauge') {
    const gauge = new Gauge(options);
    for (const sample of samples) gauge.set(labelsOf(sample), numberOf(sample));
  } else {
    const counter = new Counter(options);
    for (const sample of samples) counter.inc(labelsOf(sample), numberOf(sample));
  }
}
