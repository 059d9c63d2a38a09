/** Programs that commands are given where others are given SQL. */
import { nodeCodec } from '../adapters/node/codec.ts';
import type { PreparedProgram } from '../program/prepare.ts';
import { storeProgram } from '../program/store.ts';
import type { Context, Place } from './context.ts';
import { surroundingsOf } from './scripts.ts';

/** Prints the warnings of its definition. The bundler is loaded where there is something to bundle. Throws JOB_DEFINITION. */
export async function readProgram(context: Context, file: string): Promise<PreparedProgram> {
  const { prepareProgram } = await import('../program/prepare.ts');
  const prepared = await prepareProgram(file, surroundingsOf(context), nodeCodec);
  for (const warning of prepared.warnings) context.console.err(`[WARN] ${warning}`);
  return prepared;
}

/** Before anything names it. */
export async function storeBundle({ ports }: Pick<Place, 'ports'>, { bundle }: Pick<PreparedProgram, 'bundle'>): Promise<void> {
  if (bundle !== null) await storeProgram(ports, bundle);
}
