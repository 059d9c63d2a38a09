// The three products that sell best in each minute: counted by product first, on all keys in parallel, then ranked once per window.
import { collect, count, defineJob, kafka, table, tumbling } from 'sluice/api';

interface Sale {
  readonly product: string;
  /** Epoch ms. */
  readonly at: number;
}

const N = 3;

export default defineJob('top-n', (job) => {
  const sales = kafka<Sale>({ topic: 'sales', servers: 'localhost:9092', eventTime: ({ at }) => at, outOfOrderness: '5 s' });

  job
    .from('sales', sales)
    .keyBy(({ product }) => product)
    .window(tumbling('1 min'))
    .aggregate('sold', count(), (product, sold, { end }) => ({ product, sold, end }))
    // The counts of a window have its last millisecond as event time: they meet in the same window again.
    .keyBy(({ end }) => end)
    .window(tumbling('1 min'))
    .aggregate('ranked', collect(), (end, counts) =>
      counts
        .toSorted((a, b) => b.sold - a.sold || (a.product < b.product ? -1 : 1))
        .slice(0, N)
        .map(({ product, sold }, i) => ({ window_end: end, place: i + 1, product, sold })),
    )
    .flatMap((ranking) => ranking)
    .to(
      'top',
      table({
        columns: { window_end: 'TIMESTAMP(3) NOT NULL', place: 'INT NOT NULL', product: 'STRING NOT NULL', sold: 'BIGINT NOT NULL' },
        with: { connector: 'print' },
      }),
    );
});
