/** Sizes of windows, checked as Flink's WindowUtil.convertToWindowingStrategy and SliceAssigners do, in their words. */
import { foldConstants, literalValue } from '../core/expression.ts';
import type { SlicedWindow, WindowSpec } from '../core/plan.ts';
import { numberOf } from '../core/value-access.ts';
import type * as ast from './ast.ts';
import { translate } from './plan-expression.ts';
import { invalid } from './refusal.ts';

/** The window of a function with these intervals, in the order of its parameters; the last may be the offset. */
export function windowSpec(name: ast.WindowFunction, intervals: readonly ast.Expression[], span: ast.Span): WindowSpec {
  const [first = 0, second = 0, third] = intervals.map(milliseconds);
  switch (name) {
    case 'TUMBLE':
      return tumble(first, intervals.length > 1 ? second : null, span);
    case 'HOP':
      return hop(first, second, third ?? 0, span);
    case 'CUMULATE':
      return cumulate(first, second, third ?? 0, span);
    case 'SESSION':
      if (first <= 0) invalid(span, `SESSION table function based aggregate requires gap to be positive, but got gap ${first} ms.`);
      return { kind: 'session', gapMs: first };
  }
}

function tumble(sizeMs: number, offsetMs: number | null, span: ast.Span): WindowSpec {
  if (sizeMs <= 0) invalid(span, `TUMBLE table function based aggregate requires size to be positive, but got ${sizeMs} ms.`);
  if (offsetMs !== null && Math.abs(offsetMs) >= sizeMs) {
    invalid(span, `TUMBLE table function parameters must satisfy abs(offset) < size, but got size ${sizeMs} ms and offset ${offsetMs} ms.`);
  }
  return { kind: 'tumble', sizeMs, offsetMs: offsetMs ?? 0 };
}

function hop(slideMs: number, sizeMs: number, offsetMs: number, span: ast.Span): WindowSpec {
  if (slideMs <= 0 || sizeMs <= 0) {
    invalid(span, `HOP table function based aggregate requires slide and size to be positive, but got slide ${slideMs} ms and size ${sizeMs} ms.`);
  }
  return { kind: 'hop', sizeMs, slideMs, offsetMs };
}

function cumulate(stepMs: number, sizeMs: number, offsetMs: number, span: ast.Span): WindowSpec {
  const got = `but got maxSize ${sizeMs} ms and step ${stepMs} ms.`;
  if (stepMs <= 0 || sizeMs <= 0) invalid(span, `CUMULATE table function based aggregate requires maxSize and step to be positive, ${got}`);
  if (sizeMs % stepMs !== 0) invalid(span, `CUMULATE table function based aggregate requires maxSize must be an integral multiple of step, ${got}`);
  return { kind: 'cumulate', sizeMs, stepMs, offsetMs };
}

/** What an aggregation asks beyond that: rows alone may have any HOP. */
export function requireSlices(spec: WindowSpec, span: ast.Span): void {
  if (spec.kind !== 'hop' || spec.sizeMs % spec.slideMs === 0) return;
  const got = `but got size ${spec.sizeMs} ms and slide ${spec.slideMs} ms`;
  invalid(span, `HOP table function based aggregate requires size must be an integral multiple of slide, ${got}`);
}

export const isSliced = (spec: WindowSpec): spec is SlicedWindow => spec.kind !== 'session';

/** An interval of days to seconds, which has to be written as one. */
function milliseconds(e: ast.Expression): number {
  const value = foldConstants(translate(e, { fields: [] }));
  if (value.op !== 'literal') return invalid(e.span, 'Only constant window descriptors are supported.', "For example INTERVAL '1' MINUTE.");
  if (value.type.kind === 'INTERVAL_YEAR') {
    return invalid(e.span, 'Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit. MONTH and YEAR time unit are not supported yet.');
  }
  return numberOf(literalValue(value));
}
