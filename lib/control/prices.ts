/** What AWS takes, for models of costs: on demand, without free tier, tiers or savings plans. Check the pages before you rely on a figure. */

interface Price {
  readonly usd: number;
  /** So many of them cost `usd`. */
  readonly per: number;
  readonly source: string;
}

const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const S3 = 'https://aws.amazon.com/s3/pricing/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';

export const PRICES = {
  region: 'us-east-1',
  date: '2026-11-21',
  of: {
    dynamodbWriteUnit: { usd: 0.625, per: 1_000_000, source: DYNAMODB },
    dynamodbReadUnit: { usd: 0.125, per: 1_000_000, source: DYNAMODB },
    dynamodbGbMonth: { usd: 0.25, per: 1, source: DYNAMODB },
    s3GbMonth: { usd: 0.023, per: 1, source: S3 },
    s3Put: { usd: 5, per: 1_000_000, source: S3 },
    s3Get: { usd: 0.4, per: 1_000_000, source: S3 },
    lambdaRequest: { usd: 0.2, per: 1_000_000, source: LAMBDA },
    lambdaArmGbSecond: { usd: 0.0000133334, per: 1, source: LAMBDA },
  },
} as const satisfies { readonly region: string; readonly date: string; readonly of: Readonly<Record<string, Price>> };

export type PriceName = keyof typeof PRICES.of;

/** US dollars for a quantity. */
export const usdOf = (name: PriceName, quantity: number): number => quantity * (PRICES.of[name].usd / PRICES.of[name].per);
