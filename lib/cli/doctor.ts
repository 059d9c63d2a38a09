/** `sluice doctor`: what is wrong with this machine, the store and the brokers, and how to mend it. */
import { EMBEDDED_URLS } from '../place/urls.ts';
import type { Stack } from '../cloud/stack.ts';
import { contextOf, type AddCommand, type Context } from './context.ts';
import { checksOf } from './doctor/checks.ts';
import { examine } from './doctor/examine.ts';
import type { Check, Finding } from './doctor/finding.ts';
import { EndsWith, EXIT } from './errors.ts';
import { examples } from './examples.ts';
import { DEFAULT_PORT } from './rest.ts';
import { parsePort } from './rest-options.ts';

export const addDoctor: AddCommand = (program, console) => {
  program
    .command('doctor')
    .description('say what is wrong with this machine, the store, the brokers or a stack, and how to mend it')
    .summary('say what is wrong, and how to mend it')
    .option('--rest-port <port>', 'that `sluice up` would serve on (default: 8081)', parsePort)
    .addHelpText('after', examples(['doctor', 'this machine and its data directory'], ['--kafka localhost:9092 doctor', 'also brokers'], ['--stack prod doctor --json', 'a platform in AWS, a line of JSON for each finding']))
    .action(async ({ restPort: port = DEFAULT_PORT }: { readonly restPort?: number }, command) => {
      const context = contextOf(command, console);
      const findings = context.stack === null ? await examine(checksOf({ context, urls: { ...EMBEDDED_URLS, ...context.given }, stack: null, port })) : await ofStack(context, context.stack, port);
      for (const finding of findings) print(context, finding);
      if (findings.some(({ state }) => state === 'fail')) throw new EndsWith(EXIT.failed);
    });
};

/** What its outputs name is looked at once they are known. The clients of AWS are loaded here. */
async function ofStack(context: Context, name: string, port: number): Promise<readonly Finding[]> {
  const [{ findStack }, { credentials, stackChecks }] = await Promise.all([import('../cloud/stack.ts'), import('./doctor/stack.ts')]);
  const found: Stack[] = [];
  const finding: Check = { what: 'stack', look: async () => (found.push(await findStack(name)), []) };
  const before = await examine([credentials(name), finding]);
  const behind = await Promise.all(found.map((stack) => examine([...stackChecks(stack), ...checksOf({ context, urls: { ...stack.urls, ...context.given }, stack, port })])));
  return [...before, ...behind.flat()];
}

const WORDS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;
const WHAT_WIDTH = 18;

function print({ json, console }: Context, finding: Finding): void {
  if (json) return console.out(JSON.stringify(finding));
  const { what, state, why, mend } = finding;
  console.out(`${WORDS[state]}  ${what.padEnd(WHAT_WIDTH)}  ${why}`);
  if (mend !== null) console.out(`      mend: ${mend}`);
}
