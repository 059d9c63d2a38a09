/** A bundle becomes a job definition: it is imported, once per call, and asked for its default export. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuiltJob, JobDefinition } from '../api/index.ts';
import { isError, messageOf, SluiceError } from '../core/errors.ts';
import { offerApi } from './host.ts';
import { BUNDLE, positionOf, positionsIn } from './position.ts';

/** What a program exports, as far as it matters here. */
export type Program = Pick<JobDefinition, 'build'>;

/** `name`: what the user calls the program. Throws JOB_DEFINITION, with file and line where they can be told. */
export async function loadProgram(bytes: Uint8Array, name: string): Promise<Program> {
  const bundle = Buffer.from(bytes).toString('utf8');
  const definition = await failing('it fails while it is loaded', bundle, name, async () => (await importBundle(bundle)).default);
  if (!isDefinition(definition)) throw notDefinition(definition, name);
  const positionOf = positionsIn(bundle);
  return {
    build: (surroundings) => {
      const built = building(() => definition.build(surroundings), bundle, name);
      return { ...built, code: { ...built.code, positionOf } };
    },
  };
}

/** From a file, since the stack of whatever the program throws names where it comes from; nobody needs the file once it is imported. */
async function importBundle(bundle: string): Promise<{ readonly default?: unknown }> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-program-'));
  try {
    const path = join(dir, BUNDLE);
    await writeFile(path, bundle);
    offerApi();
    return await import(pathToFileURL(path).href);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const isDefinition = (value: unknown): value is Program => typeof value === 'object' && value !== null && 'build' in value && typeof value.build === 'function';

function notDefinition(value: unknown, name: string): SluiceError {
  const what = value === undefined ? 'has no default export' : `exports ${Array.isArray(value) ? 'an array' : typeof value} by default, not a job`;
  return new SluiceError('JOB_DEFINITION', { message: `${name} ${what}`, hint: "end the program with: export default defineJob('name', …)", details: { file: name, line: null } });
}

/** The line of the program is below all that the API and the planner of SQL have called. */
const FRAMES = 100;

function building(build: () => BuiltJob, bundle: string, name: string): BuiltJob {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  try {
    return build();
  } catch (error) {
    throw located(error, 'the job cannot be built', bundle, name);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function failing<T>(what: string, bundle: string, name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw located(error, what, bundle, name);
  }
}

/** What Sluice means to throw keeps its code and its hint. */
function located(error: unknown, what: string, bundle: string, name: string): SluiceError {
  const position = positionOf(error, bundle, name);
  const place = position === null ? name : `${position.file}:${position.line}`;
  const details = { file: position?.file ?? name, line: position?.line ?? null };
  if (isError(error)) return new SluiceError(error.code, { message: `${place}: ${messageOf(error)}`, cause: error, details: { ...error.details, ...details }, ...(error.hint !== undefined && { hint: error.hint }) });
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new SluiceError('JOB_DEFINITION', { message: `${place}: ${what}: ${text}`, hint: 'correct the program, then repeat the command', cause: error, details });
}
