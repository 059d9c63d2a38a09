/** Programs of a deploy, from the assets of whoever deploys to where jobs find theirs. */
import { nodeCodec } from '../adapters/node/codec.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { isError, SluiceError } from '../core/errors.ts';
import { openBucket } from '../place/directories.ts';
import { storeProgram } from '../program/store.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { required, type Environment } from './environment.ts';

/** Stores the object at `s3://BUCKET/KEY`; as often as it is asked to, with the same end. Throws OPTION_INVALID, FUNCTION_FAILED. */
export type KeepProgram = (url: string) => Promise<void>;

/** The client of S3 is loaded with the first program. */
export const lambdaPrograms =
  (environment: Environment): KeepProgram =>
  async (url) => {
    try {
      await keep(url, required(environment, VARIABLES.blobs));
    } catch (cause) {
      if (!isError(cause, 'STORE_FAILED')) throw cause;
      throw new SluiceError('FUNCTION_FAILED', { message: `the program of the deploy could not be stored: ${cause.message}`, hint: 'correct what the message names, then deploy again', cause });
    }
  };

async function keep(url: string, blobs: string): Promise<void> {
  const end = url.lastIndexOf('/');
  const bytes = await openBucket(url.slice(0, end), nodeRuntime).get(url.slice(end + 1));
  if (bytes === null) throw new SluiceError('OPTION_INVALID', { message: `the program of the deploy is not there: ${url}`, hint: 'deploy again, with all assets' });
  await storeProgram({ blob: openBucket(blobs, nodeRuntime), codec: nodeCodec }, bytes);
}
