/** Mutants of firing and emission (protocol §5, §7). */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const FIRER = 'lib/engine/firer/firer.ts';
const EMIT = 'lib/engine/firer/emit.ts';
const ATTEMPTS = 'lib/engine/firer/sink-attempts.ts';
const SINK = 'lib/adapters/memory/sink.ts';

const COMMIT_FIRE = "const appended = await this.#log.append(replica.head, fire);\n    if (appended.kind !== 'appended') {";

export const EMISSION: readonly Mutant[] = [
  {
    name: 'emitBeforeCommit',
    rule: 'F4',
    breaks: 'rows leave before the FIRE that holds them is in the log',
    config: 'base',
    seeds: 300,
    caughtBy: 14,
    edits: [edit(FIRER, COMMIT_FIRE, `await this.#emitter.emit(fire, candidate.result.rows);\n    ${COMMIT_FIRE}`)],
  },
  {
    name: 'emitOnLostFire',
    rule: 'F4',
    breaks: 'rows leave although the FIRE that holds them is not known to be in the log',
    config: 'base',
    seeds: 300,
    caughtBy: 130,
    edits: [edit(FIRER, COMMIT_FIRE, `${COMMIT_FIRE}\n      await this.#emitter.emit(fire, candidate.result.rows);`)],
  },
  {
    name: 'emitTimeoutIsOk',
    rule: 'F10',
    breaks: 'a sink that has failed is taken for done',
    config: 'stormy',
    seeds: 40,
    edits: [edit(EMIT, "return cause === null ? { kind: 'durable' } : { kind: 'unavailable', sinks: unavailable, cause };", "return { kind: 'durable' };")],
  },
  {
    name: 'fireBeforeAck',
    rule: 'F10',
    breaks: 'FIRE f+1 does not wait for ACK f',
    config: 'stormy',
    seeds: 60,
    edits: [edit(FIRER, 'if (blocked !== null) return barrier === null ? blocked : this.#giveUp(replica, blocked, barrier);', 'void blocked;')],
  },
  {
    name: 'nobodyHelps',
    rule: 'F9, F10',
    breaks: 'only the firer that fired emits',
    config: 'base',
    seeds: 80,
    caughtBy: 4,
    edits: [edit(FIRER, 'this.#ports.runtime.now() - fire.at < this.#job.settings.helpAfterMs', 'true')],
  },
  {
    name: 'noPf',
    rule: '§7',
    breaks: 'a FIRE does not say which one before it had rows for the sink',
    config: 'base',
    seeds: 20,
    edits: [edit(FIRER, 'previous: replica.position.lastEmitted, repeats', 'previous: {}, repeats')],
  },
  {
    name: 'keepsStaleReplica',
    rule: 'F3',
    breaks: 'a firer whose FIRE was lost goes on from what it had read',
    config: 'base',
    seeds: 80,
    edits: [edit(FIRER, `${COMMIT_FIRE}\n      this.#view.forget();`, `${COMMIT_FIRE}\n      replica.position = fire.position;`)],
  },
  {
    name: 'sinkTakesTwice',
    rule: 'X1',
    breaks: 'the reference sink does not look whether (g, f) is there',
    config: 'base',
    seeds: 120,
    caughtBy: 4,
    edits: [edit(SINK, 'const effect = this.#effects.get(positionText(emission));', 'const effect = undefined as Emission | undefined;')],
  },
  {
    name: 'confirmedForEver',
    rule: 'F10',
    breaks: 'a sink that has confirmed a FIRE is taken to have the next one as well',
    config: 'base',
    seeds: 10,
    edits: [edit(ATTEMPTS, 'return this.#confirmed.fire === fire && ', 'return '), edit(ATTEMPTS, 'if (this.#confirmed.fire !== fire) this.#confirmed = { fire, sinks: new Set() };', 'void fire;')],
  },
];
