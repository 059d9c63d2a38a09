/**
 * The process of one sandbox: loads a function's module and runs its handler, one invocation at a time. Its host freezes it in between,
 * and kills it. Without a host it ends by itself, unless it is frozen: then the reaper ends it.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { LambdaContext } from '../../lambda/context.ts';
import type { FromSandbox, ToSandbox } from './messages.ts';

type AnyHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

const [modulePath] = process.argv.slice(2);
process.once('disconnect', () => process.exit(0));

const { handler }: { handler: AnyHandler } = await import(pathToFileURL(modulePath ?? '').href);
process.on('message', (message: ToSandbox) => void answer(message));
tell({ kind: 'ready' });

async function answer(message: ToSandbox): Promise<void> {
  const { requestId } = message;
  try {
    const result = await handler(JSON.parse(message.payload), contextOf(message));
    tell({ kind: 'ok', requestId, payload: JSON.stringify(result ?? null) });
  } catch (error) {
    const [errorType, text] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
    tell({ kind: 'error', requestId, errorType, message: text });
  }
}

function contextOf({ requestId, functionArn, timeoutMs }: ToSandbox): LambdaContext {
  const endsAt = Date.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    invokedFunctionArn: functionArn,
    getRemainingTimeInMillis: () => endsAt - Date.now(),
  };
}

function tell(message: FromSandbox): void {
  process.send?.(message);
}
