/** What the server says when it refuses. */

/** `code`, `message` and `hint` are in the server's words. */
export class RestError extends Error {
  /** @param {number} status 0: the server was not reached @param {string | null} code @param {string} message @param {string | null} hint */
  constructor(status, code, message, hint) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** @param {unknown} error @returns {RestError} */
export const asRestError = (error) => (error instanceof RestError ? error : new RestError(0, null, error instanceof Error ? error.message : String(error), null));

/** @param {number} status @param {unknown} body `{"errors": [...]}`, as Flink's API and its SQL gateway say it */
export function refusalIn(status, body) {
  const errors = typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors) ? body.errors.map(String) : [];
  return failureIn(status, errors.at(-1) ?? `The server answered ${status}.`);
}

/** A gateway wraps what it has to say as Java prints exceptions. @param {number} status @param {string} text */
export function failureIn(status, text) {
  const [said = text] = (text.split('Caused by: ').at(-1) ?? text).split(/\n\tat |\nEnd of exception/);
  const plain = said.replace(/^<Exception on server side:\n/, '').replace(/^(?:[a-z]\w*\.)+[A-Z]\w*: /, '');
  const [, head = plain, hint = null] = /^([^]*?)\nhint: ([^]*)$/.exec(plain) ?? [];
  const [, code = null, message = head] = /^([A-Z][A-Z0-9_]{2,}): ([^]*)$/.exec(head) ?? [];
  return new RestError(status, code, message.trim(), hint);
}
