/** The text of server-sent events. `EventSource` would not tell why there is no stream. */

/** @typedef {{ readonly name: string, readonly data: unknown }} ServerEvent */

/** What is in the text that has come so far, and what of it is not whole yet. @param {string} text @returns {{ events: ServerEvent[], rest: string }} */
export function takeEvents(text) {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  return { events: blocks.flatMap(eventIn), rest };
}

/** None in comments, which say that the server lives. @param {string} block @returns {ServerEvent[]} */
function eventIn(block) {
  let name = 'message';
  /** @type {string[]} */
  const data = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(\w+):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? [] : [{ name, data: JSON.parse(data.join('\n')) }];
}
