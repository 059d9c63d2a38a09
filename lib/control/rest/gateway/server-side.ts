/** Failures as Flink's SQL client reads them: the text of an exception of Java, of which it prints what stands behind the last `Caused by:`. */
import { isError, type ErrorCode, type SluiceError } from '../../../core/errors.ts';
import { failureText, Refusal } from '../refusal.ts';
import type { Call, Rest } from '../route.ts';

type Handle<B, R> = (rest: Rest, call: Call<B>) => Promise<R | Refusal>;

/** The handler, with what it means to throw as the answer; a defect is none. */
export const orException =
  <B, R>(handle: Handle<B, R>): Handle<B, R> =>
  async (rest, call) => {
    try {
      return await handle(rest, call);
    } catch (thrown) {
      if (!isError(thrown) || thrown.kind === 'bug') throw thrown;
      return serverSideException(thrown);
    }
  };

/** The place in Java that a client expects behind the message. */
const AT = '\tat org.apache.flink.table.gateway.service.SqlGatewayServiceImpl (sluice)';

function serverSideException(error: SluiceError): Refusal {
  const message = `${classOf(error.code)}: ${failureText(error)}`;
  const frame = `<Exception on server side:\n${GATEWAY_EXCEPTION}: Failed to carry out the request.\n${AT}\nCaused by: ${message}\n${AT}\n\nEnd of exception on server side>`;
  return new Refusal(500, 'Internal server error.', frame);
}

const GATEWAY_EXCEPTION = 'org.apache.flink.table.gateway.api.utils.SqlGatewayException';

function classOf(code: ErrorCode): string {
  if (code === 'GATEWAY_REFUSED') return GATEWAY_EXCEPTION;
  if (code === 'SQL_PARSE') return 'org.apache.flink.table.api.SqlParserException';
  return 'org.apache.flink.table.api.ValidationException';
}
