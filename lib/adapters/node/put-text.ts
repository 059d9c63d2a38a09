/** A text to a URL, as CloudFormation wants to be answered: PUT, no content type (the signature of the URL covers that there is none). */
const TIMEOUT_MS = 10_000;

/** Resolves to the HTTP status; rejects if there was no answer within 10 s. */
export async function putText(url: string, text: string): Promise<number> {
  // Bytes, since a string would have a content type.
  const response = await fetch(url, { method: 'PUT', body: Buffer.from(text), signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.status;
}
