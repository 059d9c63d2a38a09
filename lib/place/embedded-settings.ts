/** What is different about a laptop (architecture, decision 7): its store does not expire anything, and large items are cheap. */
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { Settings } from '../engine/settings.ts';
import type { Ports } from '../ports/ports.ts';
import { codeFrom } from '../program/code-of.ts';
import { withTables } from './sources.ts';

const MB = 1024 * 1024;

export const EMBEDDED: Partial<Settings> = {
  logTtlMs: Infinity,
  spillInlineMax: 8 * MB,
  resultInlineMax: MB,
  chunkInlineMax: 4 * MB,
  checkpointItemsMaxBytes: Infinity,
  /** Decoded entries weigh about ten times their bytes; what is covered by a FIRE is merged and gone. */
  tailMaxBytes: 4 * MB,
  /** Nobody waits ten seconds on a laptop for a runner that was killed; sinks of files repeat without harm. */
  helpAfterMs: 1000,
};

export const workshopOf = (ports: Ports): Workshop => ({ ports, place: EMBEDDED, portsFor: (plan) => withTables(ports, plan), codeOf: codeFrom(ports) });
