/** The laws of Blob against one server that speaks S3; every test has a prefix of its own. */
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openS3, type S3Blob } from '../../lib/adapters/s3/index.ts';
import { blobContract } from '../contracts/blob.ts';
import { blobUnderFaults } from '../contracts/faults/blob.ts';
import type { Gaps, TwoHandles } from '../contracts/suite.ts';

/** Runs both suites; `rootOf` gives the address of a root below which nothing is, when a test runs. */
export function s3Laws(name: string, rootOf: (unique: string) => string, { clockMs, gaps }: { clockMs?: number; gaps?: Gaps } = {}): void {
  const blobs = (): TwoHandles<S3Blob> => {
    const root = rootOf(nodeRuntime.randomHex(8));
    const [first, second] = [openS3(root, { runtime: nodeRuntime }), openS3(root, { runtime: nodeRuntime })];
    return { first, second, close: () => [first, second].forEach((blob) => blob.close()) };
  };
  blobContract(name, blobs, gaps, clockMs);
  blobUnderFaults(name, blobs);
}
