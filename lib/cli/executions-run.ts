/** What `sluice executions` runs; apart from its options, so that other commands load no clients. */
import { failureOf, resultOf } from '../cloud/follow.ts';
import { findStack } from '../cloud/stack.ts';
import { StepFunctions, type EnteredState, type Execution, type ExecutionDetails } from '../cloud/step-functions.ts';
import { resultColumn } from '../control/table.ts';
import { SluiceError } from '../core/errors.ts';
import { WORKFLOWS } from '../workflows/messages.ts';
import { printResult, printTable, type Context } from './context.ts';
import { timeText } from './text.ts';

export async function listExecutions(context: Context, stack: string, { job, limit }: { readonly job: string; readonly limit: number }): Promise<void> {
  const listed = await withFunctions(stack, (functions) => Promise.all(WORKFLOWS.map((workflow) => functions.list(workflow, limit))));
  const wanted = listed.flat().filter(({ name }) => name.startsWith(job.toLowerCase()));
  const newest = wanted.sort((a, b) => b.startedAt - a.startedAt);
  const columns = ['started', 'workflow', 'status', 'seconds', 'execution'].map((name) => resultColumn(name));
  if (context.json) for (const execution of newest) context.console.out(JSON.stringify(execution));
  else printTable(context, { columns, rows: newest.map((e) => [timeText(e.startedAt), e.workflow, e.status, secondsText(e), e.name]) });
}

export async function showExecution(context: Context, stack: string, name: string): Promise<void> {
  await withFunctions(stack, async (functions) => {
    const found = (await Promise.all(WORKFLOWS.map((workflow) => functions.describe({ workflow, name })))).find((details) => details !== null);
    if (found === undefined) throw new SluiceError('OPTION_INVALID', { message: `stack '${stack}' has no execution ${name}`, hint: `see \`sluice --stack ${stack} executions list\`` });
    const states = await functions.statesAfter(found, 0);
    const failure = found.status === 'RUNNING' || found.status === 'SUCCEEDED' ? null : await failureOf(functions, found);
    printResult(context, detailsText(found, states, failure).join('\n'), detailsJson(found, states, failure));
  });
}

async function withFunctions<T>(name: string, use: (functions: StepFunctions) => Promise<T>): Promise<T> {
  const functions = new StepFunctions(await findStack(name));
  try {
    return await use(functions);
  } finally {
    functions.close();
  }
}

const secondsText = ({ startedAt, stoppedAt }: Execution): string => (stoppedAt === null ? '' : ((stoppedAt - startedAt) / 1000).toFixed(1));

function detailsText(found: ExecutionDetails, states: readonly EnteredState[], failure: SluiceError | null): string[] {
  const took = found.stoppedAt === null ? '' : `, took ${secondsText(found)} s`;
  const savepoint = found.status === 'SUCCEEDED' ? (resultOf(found).savepoint ?? null) : null;
  return [
    `Execution:    ${found.name}`,
    `Workflow:     ${found.workflow}`,
    `Status:       ${found.status}`,
    `Started:      ${timeText(found.startedAt)}${took}`,
    'States:',
    ...[...firsts(states)].map(([name, { at, times }]) => `  ${timeText(at)}  ${name}${times === 1 ? '' : ` (${times} times)`}`),
    ...(savepoint === null ? [] : [`Savepoint:    ${savepoint}`]),
    ...(failure === null ? [] : [`Error:        ${failure.code}: ${failure.message}`]),
    ...(failure?.hint === undefined ? [] : [`              hint: ${failure.hint}`]),
  ];
}

/** A state that is repeated stands where it was entered first. */
function firsts(states: readonly EnteredState[]): Map<string, { readonly at: number; readonly times: number }> {
  const found = new Map<string, { at: number; times: number }>();
  for (const { name, at } of states) found.set(name, { at: found.get(name)?.at ?? at, times: (found.get(name)?.times ?? 0) + 1 });
  return found;
}

function detailsJson({ output, error, cause, ...execution }: ExecutionDetails, states: readonly EnteredState[], failure: SluiceError | null): object {
  const { savepoint = null } = output === null ? {} : resultOf({ ...execution, output, error, cause });
  const why = failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null };
  return { ...execution, savepoint, failure: why, states: states.map(({ at, name }) => ({ at, name })) };
}
