/** dt-sql-parser's parser of Flink SQL. Its modules import directories, which Node does not do, so that it is bundled first. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface OtherParser {
  /** Empty: the statement is right. */
  validate(sql: string): readonly unknown[];
}

/** `directory`: where the bundle may lie for a moment. */
export async function otherParser(directory: string): Promise<OtherParser> {
  const place = await mkdtemp(join(directory, 'dt-'));
  const outfile = join(place, 'parser.mjs');
  await build({ stdin: { contents: "export { FlinkSQL } from 'dt-sql-parser/dist/parser/flink/index.js'", resolveDir: import.meta.dirname }, bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent' });
  const { FlinkSQL }: { FlinkSQL: new () => OtherParser } = await import(outfile);
  await rm(place, { recursive: true });
  return new FlinkSQL();
}
