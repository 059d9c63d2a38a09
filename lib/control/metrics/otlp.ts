/**
 * Metrics for a collector of OpenTelemetry, by OTLP over HTTP. The names are those of Prometheus, so that a collector which hands them on to it tells the same;
 * counters are without the `_total` that it adds. The library reads `OTEL_EXPORTER_OTLP_*` and `OTEL_RESOURCE_ATTRIBUTES` itself.
 */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { VERSION } from '../../core/version.ts';
import { exposed, labelsOf, numberOf } from './exposed.ts';
import type { MetricsReader } from './reader.ts';
import { METRIC_NAMES, type MetricName } from './table.ts';

export interface OtlpOptions {
  readonly metrics: Pick<MetricsReader, 'all'>;
  /** `http://collector:4318/v1/metrics`; null: as the environment says. */
  readonly url: string | null;
  readonly everyMs: number;
  /** Of what the metrics are; `service.name`. */
  readonly service: string;
  /** Null: the collector takes them again. Told once. */
  readonly onTrouble: (reason: string | null) => void;
}

/** More than an answer has of one metric. */
const SERIES_MAX = 4000;
const SHUTDOWN_MS = 3000;

/** Ends with the values of the last moment; they are given up where the collector does not take them. */
export function exportMetrics({ metrics, url, everyMs, service, onTrouble }: OtlpOptions): { close(): Promise<void> } {
  const resource = resourceFromAttributes({ 'service.name': service, 'service.version': VERSION }).merge(detectResources({ detectors: [envDetector] }));
  const exporter = new TellingExporter(url === null ? {} : { url });
  exporter.onTrouble = onTrouble;
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: everyMs, exportTimeoutMillis: everyMs, cardinalityLimits: { default: SERIES_MAX } });
  const provider = new MeterProvider({ resource, readers: [reader] });
  observe(provider, metrics);
  // Why an export fails has been told by then.
  return { close: () => provider.shutdown({ timeoutMillis: SHUTDOWN_MS }).catch(() => {}) };
}

function observe(provider: MeterProvider, metrics: OtlpOptions['metrics']): void {
  const meter = provider.getMeter('sluice', VERSION);
  const instruments = new Map(METRIC_NAMES.map((metric) => [metric, instrumentOf(meter, metric)]));
  meter.addBatchObservableCallback(
    async (result) => {
      for (const sample of await metrics.all()) {
        const instrument = instruments.get(sample.metric);
        if (instrument !== undefined) result.observe(instrument, numberOf(sample), labelsOf(sample));
      }
    },
    [...instruments.values()],
  );
}

type Meter = ReturnType<MeterProvider['getMeter']>;

function instrumentOf(meter: Meter, metric: MetricName): ReturnType<Meter['createObservableGauge']> {
  const { name, help: description, type } = exposed(metric);
  return type === 'counter' ? meter.createObservableCounter(name.replace(/_total$/, ''), { description }) : meter.createObservableGauge(name, { description });
}

/** Says what becomes of exports; the library keeps it to itself. */
class TellingExporter extends OTLPMetricExporter {
  onTrouble: OtlpOptions['onTrouble'] = () => {};
  #told: string | null = null;

  override export(...[metrics, done]: Parameters<OTLPMetricExporter['export']>): void {
    super.export(metrics, (result) => {
      this.#tell(result.error === undefined ? null : result.error.message);
      done(result);
    });
  }

  #tell(reason: string | null): void {
    if ((reason === null) !== (this.#told === null)) this.onTrouble(reason);
    this.#told = reason;
  }
}
