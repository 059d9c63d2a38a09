/** What is killed: what operators and runners do to a job. */
export const OPERATIONS = [
  'run',
  'run-objects',
  'savepoint',
  'stop',
  'drain',
  'stop-unwritable',
  'cancel',
  'resume',
  'resume-savepoint',
  'fork',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export function operationOf(name: string): Operation {
  const found = OPERATIONS.find((operation) => operation === name);
  if (found === undefined) throw new Error(`no such operation: ${name}`);
  return found;
}
