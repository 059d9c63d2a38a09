/** The alias `<job>-g<g>` of a function: by it an invocation says which generation it is for (protocol I1). */
import { aliasName, generationIn } from '../adapters/lambda/alias-name.ts';
import { SluiceError } from '../core/errors.ts';
import type { GenerationName } from '../ports/consumers.ts';

export type Alias = GenerationName;

export { aliasName };

/** What the functions are called on a laptop, and in code; a deployment lets CloudFormation name them. */
export type FunctionName = 'sluice-writer' | 'sluice-firer' | 'sluice-workflow';

const QUALIFIED = /^arn:[^:]+:lambda:[^:]*:\d{12}:function:[^:]+:([^:]+)$/;

/** Account and region are those of a laptop: nothing there looks at them. */
export const localArn = (name: FunctionName, alias: Alias | null): string =>
  `arn:aws:lambda:us-east-1:000000000000:function:${name}${alias === null ? '' : `:${aliasName(alias)}`}`;

/** Job and generation of an invocation. Throws USAGE for an ARN without such an alias: nobody may guess what it is for. */
export function aliasOf(invokedFunctionArn: string): Alias {
  const alias = generationIn(QUALIFIED.exec(invokedFunctionArn)?.[1] ?? '');
  if (alias !== null) return alias;
  throw new SluiceError('USAGE', {
    message: `the function was invoked as ${invokedFunctionArn}, which names no generation of a job`,
    hint: 'invoke it by the alias <job>-g<generation>',
  });
}
