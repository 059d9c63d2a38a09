/** Sends metrics to a collector of OpenTelemetry while a command runs, if `--otlp` or the environment of OpenTelemetry says so. */
import { InvalidArgumentError } from 'commander';
import type { MetricsReader } from '../control/metrics/reader.ts';
import type { Console } from './console.ts';

export interface OtlpSettings {
  /** Null: as the library reads it from the environment. */
  readonly url: string | null;
  readonly everyMs: number;
  readonly service: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As the specification of OpenTelemetry has it. */
const EVERY_MS = 60_000;

/** Null where nothing is to be sent. */
export function otlpSettings(otlp: string | undefined, environment: Environment): OtlpSettings | null {
  const { OTEL_SDK_DISABLED: disabled, OTEL_METRICS_EXPORTER: exporter, OTEL_METRIC_EXPORT_INTERVAL: interval, OTEL_SERVICE_NAME: service = 'sluice' } = environment;
  const isNamed = [environment['OTEL_EXPORTER_OTLP_ENDPOINT'], environment['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']].some((endpoint) => endpoint !== undefined && endpoint !== '');
  const isOff = disabled?.toLowerCase() === 'true' || exporter === 'none';
  if (otlp === undefined && (isOff || !isNamed)) return null;
  return { url: otlp ?? null, everyMs: /^[1-9]\d{2,6}$/.test(interval ?? '') ? Number(interval) : EVERY_MS, service };
}

/** `http://collector:4318` is where a collector listens; its path for metrics is added, as to OTEL_EXPORTER_OTLP_ENDPOINT. */
export function parseOtlp(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('It is the address of a collector, such as http://localhost:4318.');
  return url.pathname === '/' ? new URL('/v1/metrics', url).href : url.href;
}

/** The library is loaded only if it is needed. A collector that takes nothing is a warning. */
export async function withOtlp<T>(settings: OtlpSettings | null, { metrics, console }: { readonly metrics: MetricsReader; readonly console: Console }, use: () => Promise<T>): Promise<T> {
  if (settings === null) return use();
  const { exportMetrics } = await import('../control/metrics/otlp.ts');
  const onTrouble = (reason: string | null): void => console.err(reason === null ? '[INFO] metrics are exported again' : `[WARN] metrics are not exported: ${reason}`);
  const exporting = exportMetrics({ ...settings, metrics, onTrouble });
  try {
    return await use();
  } finally {
    await exporting.close();
  }
}
