/** Condition expressions of DynamoDB, as far as puts of the sink use them: OR, AND, parentheses, attribute_not_exists, =, <=, IN. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../lib/adapters/dynamodb/attributes.ts';

export interface Condition {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Attributes | undefined;
}

type Comparison = (a: AttributeValue, b: AttributeValue) => boolean;

const equal: Comparison = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const COMPARISONS: Readonly<Record<string, Comparison>> = { '=': equal, '<=': (a, b) => a.N !== undefined && b.N !== undefined && Number(a.N) <= Number(b.N) };

/** Throws for anything else, so that a put with a condition that is not understood fails its test. */
export function holds({ ConditionExpression: text = '', ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Condition, item: Attributes | undefined): boolean {
  const tokens = text.match(/<=|[=(),]|[#:\w]+/g) ?? [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at++] ?? '';
    if (wanted !== undefined && token !== wanted) throw new Error(`'${token}' instead of '${wanted}' in ${text}`);
    return token;
  };
  const valueOf = (name: string): AttributeValue => values[name] ?? fail(`no value ${name}`);
  const alternatives = (): boolean => joined('OR', () => joined('AND', term, (a, b) => a && b), (a, b) => a || b);
  function joined(word: string, part: () => boolean, both: (a: boolean, b: boolean) => boolean): boolean {
    let result = part();
    while (tokens[at] === word) {
      at++;
      const next = part();
      result = both(result, next);
    }
    return result;
  }
  function term(): boolean {
    const token = take();
    if (token === '(') return closed(alternatives());
    if (token === 'attribute_not_exists') {
      take('(');
      const name = take();
      return closed(item?.[names[name] ?? name] === undefined);
    }
    const met = item?.[names[token] ?? token];
    const operator = take();
    if (operator === 'IN') return isIn(met);
    const compare = COMPARISONS[operator] ?? fail(`the operator ${operator}`);
    const value = valueOf(take());
    return met !== undefined && compare(met, value);
  }
  function isIn(met: AttributeValue | undefined): boolean {
    const list: AttributeValue[] = [];
    take('(');
    do list.push(valueOf(take()));
    while (tokens[at] === ',' && take() === ',');
    return closed(list.some((value) => met !== undefined && equal(met, value)));
  }
  function closed(result: boolean): boolean {
    take(')');
    return result;
  }
  const fail = (what: string): never => {
    throw new Error(`${what} in ${text}`);
  };
  const result = alternatives();
  if (at !== tokens.length) fail(`'${tokens[at]}' at the end`);
  return result;
}
