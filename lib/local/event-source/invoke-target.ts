/** A function behind Lambda's Invoke API: of an emulator, or of AWS. */
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { FunctionTarget, Invocation, InvocationRequest } from './target.ts';

export interface InvokeParts {
  /** Null: as the SDK finds it (AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL, AWS itself). */
  readonly endpoint: string | null;
  readonly region?: string;
  /** How long an answer may take, ms; default: the 15 minutes that a function may run, and one more. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 16 * 60_000;

/** Emulators ask for credentials and look at none. */
const ANY_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export function invokeApi({ endpoint, region, timeoutMs = TIMEOUT_MS }: InvokeParts): FunctionTarget {
  const local: LambdaClientConfig = endpoint === null ? {} : { endpoint, region: region ?? 'us-east-1', credentials: ANY_CREDENTIALS };
  // The event source repeats by itself, and a repeated request would run the function twice at once.
  const client = new LambdaClient({ ...(region === undefined ? {} : { region }), ...local, maxAttempts: 1, requestHandler: { requestTimeout: timeoutMs, throwOnRequestTimeout: true } });
  return {
    invoke: (request) => invoke(client, request),
    close: async () => client.destroy(),
  };
}

async function invoke(client: LambdaClient, { functionArn, payload, type }: InvocationRequest): Promise<Invocation> {
  const [name, qualifier] = nameOf(functionArn);
  const answer = await client.send(new InvokeCommand({ FunctionName: name, InvocationType: type, Payload: Buffer.from(payload), ...(qualifier === undefined ? {} : { Qualifier: qualifier }) }));
  const text = answer.Payload === undefined ? '' : Buffer.from(answer.Payload).toString('utf8');
  return answer.FunctionError === undefined ? { kind: 'ok', payload: text } : failed(answer.FunctionError, text);
}

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]` as the function and its qualifier. */
function nameOf(functionArn: string): [string, string | undefined] {
  const parts = functionArn.split(':');
  return [parts.slice(0, 7).join(':'), parts[7]];
}

function failed(functionError: string, text: string): Invocation {
  try {
    const { errorType, errorMessage }: { errorType?: string; errorMessage?: string } = JSON.parse(text);
    return { kind: 'error', errorType: errorType ?? functionError, message: errorMessage ?? text };
  } catch {
    return { kind: 'error', errorType: functionError, message: text };
  }
}
