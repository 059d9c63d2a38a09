/** An answer that is not JSON: a page, a script, the text of metrics, or events for as long as somebody listens. */

/** What a handler returns in the place of its response. */
export class Content {
  /** `text/html; charset=UTF-8` */
  readonly contentType: string;
  /** Events are sent as they come; the iteration is ended when nobody listens any more. */
  readonly body: string | Uint8Array | AsyncIterable<string>;
  /** Beside those that every answer has, or in their place; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(contentType: string, body: Content['body'], headers: Content['headers'] = {}) {
    this.contentType = contentType;
    this.body = body;
    this.headers = headers;
  }
}
