// What each user does without a pause of half an hour, as one row: how long it took, and how many pages it saw.
import { count, combine, defineJob, kafka, max, min, session, table } from 'sluice/api';

interface PageView {
  readonly user: string;
  readonly page: string;
  /** Epoch ms. */
  readonly at: number;
}

export default defineJob('sessionisation', (job) => {
  const views = kafka<PageView>({
    topic: 'views',
    servers: 'localhost:9092',
    eventTime: ({ at }) => at,
    outOfOrderness: '10 s', // a session ends when nothing older than its gap can come any more
    idleTimeout: '1 min',
  });

  job
    .from('views', views)
    .keyBy(({ user }) => user)
    .window(session('30 min'))
    .aggregate(
      'session',
      combine({ pages: count<PageView>(), first: min(({ at }: PageView) => at), last: max(({ at }: PageView) => at) }),
      (user, { pages, first, last }) => ({ user, begin: first, seconds: (last - first) / 1000, pages }),
    )
    .to(
      'sessions',
      table({
        columns: { user: 'STRING NOT NULL', begin: 'TIMESTAMP(3) NOT NULL', seconds: 'DOUBLE NOT NULL', pages: 'BIGINT NOT NULL' },
        with: { connector: 'print' },
      }),
    );
});
