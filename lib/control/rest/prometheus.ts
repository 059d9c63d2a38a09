/** Where Prometheus scrapes. */
import { Content } from './content.ts';
import { get, type Route } from './route.ts';
import { object } from './shape.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** What writes the text is loaded with the first scrape. */
export const PROMETHEUS: Route = get({ path: '/metrics', summary: 'Metrics of all jobs that have not ended, for Prometheus.', produces: TEXT }, object({}), async ({ metrics }) => {
  const { prometheusText } = await import('../metrics/prometheus.ts');
  return new Content(TEXT, await prometheusText(await metrics.all()));
});
