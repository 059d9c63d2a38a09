/** What a base of pipelines means, as a text: bases of the same meaning give the same rows, whatever their columns are called outside. */
import type { Base, Pipeline } from './plan-scope.ts';

/** Without the places in the text, and of the pipelines below without their names. */
export const meaningOf = (base: Base): string => JSON.stringify(base, (key, value: unknown) => (key === 'span' ? undefined : isPipeline(value) ? ofPipeline(value) : value));

const ofPipeline = ({ base, where, window, fields }: Pipeline): unknown => [base, where, window, fields.map(({ expression }) => expression)];

const isPipeline = (value: unknown): value is Pipeline => typeof value === 'object' && value !== null && 'base' in value && 'fields' in value;
