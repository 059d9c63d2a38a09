/** What the server tells as it happens; where it has no stream of events, it is asked again and again. */
import { pauseBefore } from './backoff.js';
import { takeEvents } from './event-stream.js';
import { send } from './request.js';
import { asRestError, refusalIn, RestError } from './rest-error.js';

/** @import { ServerEvent } from './event-stream.js' */

/**
 * `polling`: live without a stream.
 * @typedef {'connecting' | 'live' | 'polling' | 'lost'} Connection
 */

/**
 * @typedef {object} Following
 * @property {string} path of the stream
 * @property {() => Promise<ServerEvent[]>} poll what the stream would say, asked for at once
 * @property {(event: ServerEvent) => void} onEvent
 * @property {(connection: Connection, error: RestError | null) => void} onConnection also called when the server only says that it lives
 */

const POLL_MS = 3000;
/** The server says something every 15 s. */
const SILENCE_MS = 40_000;
/** There is no such endpoint, or nothing here can stream. */
const NO_STREAM = [404, 405, 406, 501];

/** Until the signal says so. @param {Following} following @param {AbortSignal} signal */
export async function follow(following, signal) {
  for (let attempt = 0; !signal.aborted; ) {
    try {
      await listen(following, signal, () => (attempt = 0));
    } catch (error) {
      if (signal.aborted) return;
      const failure = asRestError(error);
      if (NO_STREAM.includes(failure.status)) return pollUntil(following, signal);
      following.onConnection('lost', failure);
    }
    await pause(pauseBefore(attempt++, Math.random()), signal);
  }
}

/** Returns when the stream ends. @param {Following} following @param {AbortSignal} signal @param {() => void} onAlive */
async function listen({ path, onEvent, onConnection }, signal, onAlive) {
  const silence = new AbortController();
  const giveUp = () => silence.abort(new RestError(0, null, 'The server says nothing.', null));
  let watch = setTimeout(giveUp, SILENCE_MS);
  try {
    let text = '';
    for await (const chunk of chunksOf(path, AbortSignal.any([signal, silence.signal]))) {
      clearTimeout(watch);
      watch = setTimeout(giveUp, SILENCE_MS);
      const { events, rest } = takeEvents(text + chunk);
      text = rest;
      onAlive();
      onConnection('live', null);
      for (const event of events) onEvent(event);
    }
  } finally {
    clearTimeout(watch);
  }
}

/** Not every browser iterates over a stream. @param {string} path @param {AbortSignal} signal @returns {AsyncGenerator<string>} */
async function* chunksOf(path, signal) {
  const response = await send(path, { headers: { accept: 'text/event-stream' }, signal });
  if (!response.ok || response.body === null) throw refusalIn(response.status, await response.json().catch(() => null));
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) throw new RestError(501, null, 'The server has no stream.', null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @param {Following} following @param {AbortSignal} signal */
async function pollUntil({ poll, onEvent, onConnection }, signal) {
  for (let attempt = 0; !signal.aborted; ) {
    try {
      const events = await poll();
      if (signal.aborted) return;
      attempt = 0;
      onConnection('polling', null);
      for (const event of events) onEvent(event);
      await pause(POLL_MS, signal);
    } catch (error) {
      onConnection('lost', asRestError(error));
      await pause(pauseBefore(attempt++, Math.random()), signal);
    }
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
