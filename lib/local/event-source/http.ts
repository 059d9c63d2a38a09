/** A request whole, an answer whole: what the API and its forwarding need of node:http. */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Of bodies; the largest that Lambda's API takes is a zip of 50 MB in base64. */
const BODY_BYTES_MAX = 70 * 1024 * 1024;

/** Throws if the body is larger than `BODY_BYTES_MAX`. */
export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Error(`the body is larger than ${BODY_BYTES_MAX} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Rejects where nobody answers. */
export function send(url: URL, options: { readonly method: string; readonly headers: OutgoingHttpHeaders }, body: Buffer): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ...options, agent: false }, (message) => {
      bodyOf(message).then((bytes) => resolve({ status: message.statusCode ?? 502, headers: message.headers, body: bytes }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
