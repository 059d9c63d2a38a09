/** Requests to AWS that commands make: credentials, region and endpoint are those of the SDK's environment. */
import type { Hints } from '../adapters/aws-failure.ts';
import { Requests } from '../adapters/aws-requests.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { SluiceError } from '../core/errors.ts';

const SIGN_IN = 'sign in again, for example with `aws sso login`, or renew the credentials of --profile';

const HINTS: Hints = {
  'Region is missing': 'name it with --region, or set AWS_REGION',
  CredentialsProviderError: 'name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ExpiredToken: SIGN_IN,
  ExpiredTokenException: SIGN_IN,
  TokenProviderError: SIGN_IN,
  StateMachineDoesNotExist: 'deploy the platform again: its outputs name a state machine that is gone',
  ResourceNotFoundException: 'deploy the platform again: its outputs name a function that is gone',
};

/** `stack`: for messages. Throws CLOUD_FAILED for what is refused, and StoreError for what did not answer. */
export const cloudRequests = (stack: string): Requests =>
  new Requests({ runtime: nodeRuntime, place: `stack '${stack}'`, hints: HINTS, refusal: (parts) => new SluiceError('CLOUD_FAILED', parts) });
