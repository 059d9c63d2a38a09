/** `sluice.take-over-from`: jobs whose rows another one may replace. */

/** An IN of DynamoDB has no more operands. */
export const JOBS_MAX = 100;

export const jobsIn = (list: string): string[] => list.split(';').map((job) => job.trim()).filter((job) => job !== '');
