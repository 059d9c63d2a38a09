/**
 * The states of a mapping. A change is accepted at once and takes effect after a delay; meanwhile no other change is accepted.
 *
 *   create ─▶ Creating ─▶ Enabled ⇄ (Disabling, Enabling) ⇄ Disabled        update ─▶ Updating ─▶ as before
 *                  └────▶ Disabled                                          delete ─▶ Deleting ─▶ gone
 *
 * Polling goes on until `Disabled` is reached, and `Disabled` says nothing about an invocation in flight.
 */
import { refusal } from './exceptions.ts';
import type { MappingState } from './mapping.ts';

/** How long a change takes, ms. On AWS minutes (creation) or up to 90 s. */
export interface Delays {
  readonly creatingMs: number;
  readonly enablingMs: number;
  readonly disablingMs: number;
  readonly updatingMs: number;
  readonly deletingMs: number;
}

export const everyDelay = (ms: number): Delays => ({ creatingMs: ms, enablingMs: ms, disablingMs: ms, updatingMs: ms, deletingMs: ms });

/** For a laptop: long enough that a client must wait for it. */
export const LAPTOP_DELAYS: Delays = everyDelay(200);

/** A state, and what becomes of it. */
export type Phase = { readonly state: 'Enabled' | 'Disabled' } | { readonly state: PassingState; readonly next: Settled };
export type Settled = 'Enabled' | 'Disabled' | 'gone';
export type PassingState = Exclude<MappingState, 'Enabled' | 'Disabled'>;

const DELAY_OF: Readonly<Record<PassingState, keyof Delays>> = {
  Creating: 'creatingMs',
  Enabling: 'enablingMs',
  Disabling: 'disablingMs',
  Updating: 'updatingMs',
  Deleting: 'deletingMs',
};

export const created = (isEnabled: boolean): Phase => ({ state: 'Creating', next: isEnabled ? 'Enabled' : 'Disabled' });

/** What an update begins; `Enabled` wins where other settings change with it. Throws ResourceInUseException. */
export function updated(uuid: string, phase: Phase, isEnabled: boolean | undefined): Phase {
  if ('next' in phase) throw inUse(uuid, phase.state, 'updated');
  const { state } = phase;
  if (isEnabled === true && state === 'Disabled') return { state: 'Enabling', next: 'Enabled' };
  if (isEnabled === false && state === 'Enabled') return { state: 'Disabling', next: 'Disabled' };
  return { state: 'Updating', next: state };
}

/** Throws ResourceInUseException. */
export function deleted(uuid: string, phase: Phase): Phase {
  if ('next' in phase) throw inUse(uuid, phase.state, 'deleted');
  return { state: 'Deleting', next: 'gone' };
}

export const delayOf = (state: PassingState, delays: Delays): number => delays[DELAY_OF[state]];

const inUse = (uuid: string, state: MappingState, verb: string): Error =>
  refusal('ResourceInUseException', `the event source mapping ${uuid} cannot be ${verb} while it is ${state}: repeat the request`);
