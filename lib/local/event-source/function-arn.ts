/** The ways to name a function: `NAME`, `NAME:ALIAS`, `ACCOUNT:function:NAME[:ALIAS]`, a whole ARN. */
import { refusal } from './exceptions.ts';

export interface Account {
  readonly region: string;
  readonly account: string;
}

export const LOCAL_ACCOUNT: Account = { region: 'us-east-1', account: '000000000000' };

const NAME = String.raw`[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9$_-]{1,128})?`;
const WHOLE = new RegExp(String.raw`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:${NAME}$`);
const PARTIAL = new RegExp(String.raw`^(?:(\d{12}):function:)?(${NAME})$`);

/** Throws InvalidParameterValueException. */
export function functionArnOf(name: string, { region, account }: Account): string {
  if (WHOLE.test(name)) return name;
  const [, own = account, rest] = PARTIAL.exec(name) ?? [];
  if (rest === undefined) throw refusal('InvalidParameterValueException', `FunctionName '${name}' is neither a name, NAME:ALIAS nor the ARN of a function`);
  return `arn:aws:lambda:${region}:${own}:function:${rest}`;
}
