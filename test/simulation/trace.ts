/** Making the timeline of a run short enough to be read. */

/** Calls that change nothing; told only where a fault hits them. */
const READS = / (sleep|\w+\.(head|get|readAfter|fetch|committed|topic|list|startOffset)) /;
const IDS = /[0-9a-f]{32}/g;

/** The lines of a trace that write something or in which something goes wrong, without the digits of ids. */
export function essence(lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes('!') || !READS.test(line)).map((line) => line.replaceAll(IDS, '…'));
}
