/** Standard Schema (standardschema.dev), as far as it is used: what zod, valibot, arktype and others have in common. */
import { SluiceError } from '../errors.ts';

export interface StandardSchema<T = unknown> {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

export type SchemaResult<T> = { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const MIGRATE = 'count the version of the state on and give it a migration, or let the schema take what was stored';

/** Gives the value as the schema completes it; it throws STATE_VALUE_INVALID. */
export function checkOf<T>(schema: StandardSchema<T>): (value: unknown) => T {
  return (value) => {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) throw new SluiceError('STATE_VALUE_INVALID', { message: 'the schema does not answer at once', hint: 'leave out what makes it asynchronous' });
    if (result.issues === undefined) return result.value;
    throw new SluiceError('STATE_VALUE_INVALID', { message: `a value is not what its schema says: ${result.issues.map(issueText).join('; ')}`, hint: MIGRATE });
  };
}

/** `amount: expected a number`; without a path, of the whole value. */
export function issueText({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
