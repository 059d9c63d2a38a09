/**
 * One operation in a process of its own, which kills itself with SIGKILL directly before its n-th effect on the data directory:
 * `node doomed.ts DIR START JOB OPERATION N`. It prints the effect that it died before; an operation with fewer effects ends as usual.
 */
import { writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { cancelJob, createJob, resumeJob, stopJob, takeSavepoint } from '../../lib/control/operations.ts';
import { isError, StoreError } from '../../lib/core/errors.ts';
import { jobId, type JobId } from '../../lib/core/numbers.ts';
import { readControl, readPlan, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { EMBEDDED } from '../../lib/place/embedded-settings.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import { deliver, fire } from './deliver.ts';
import { fastRuntime } from './fast-clock.ts';
import { operationOf, type Operation } from './operation.ts';

/** Calls that change what is stored. Objects are counted below, by the calls of the system that each of them takes. */
const EFFECTS = ['append', 'put', 'remove', 'commit', 'emit', 'fence'];

/** Counts down to the effect that is not to happen. */
class Fate {
  #left: number;

  constructor(n: number) {
    this.#left = n;
  }

  before(effect: string): void {
    if (--this.#left > 0) return;
    writeSync(1, effect);
    process.kill(process.pid, 'SIGKILL');
  }
}

/** The port, with `fate` before each of its effects. */
const doomed = <Port extends object>(fate: Fate, name: string, port: Port): Port =>
  new Proxy(port, {
    get: (target, member) => {
      const value = bound(target, member);
      if (typeof value !== 'function' || !EFFECTS.includes(String(member))) return value;
      return (...args: unknown[]): unknown => {
        fate.before(`${name}.${String(member)}`);
        return Reflect.apply(value, target, args);
      };
    },
  });

/** A member as its owner has it. */
function bound(target: object, member: string | symbol): unknown {
  const value: unknown = Reflect.get(target, member, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

function doomedPorts(fate: Fate, ports: Ports): Ports {
  return {
    ...ports,
    log: doomed(fate, 'log', ports.log),
    control: doomed(fate, 'control', ports.control),
    chunks: doomed(fate, 'chunks', ports.chunks),
    offsets: doomed(fate, 'offsets', ports.offsets),
    sinks: { open: async (job, node) => doomed(fate, 'sink', await ports.sinks.open(job, node)) },
  };
}

/** Objects, savepoints and tables are made of these calls. */
function doomFiles(fate: Fate): void {
  const { open, link, unlink } = fs;
  Object.assign(fs, {
    open: (path: string, flags: string) => {
      if (flags === 'wx') fate.before('file.create');
      return open(path, flags);
    },
    link: (from: string, to: string) => {
      fate.before('file.link');
      return link(from, to);
    },
    unlink: (path: string) => {
      fate.before('file.unlink');
      return unlink(path);
    },
  });
}

/** Directories in which there is room for a probe, and for nothing else: the stop fails, and its job goes on (11.3). */
function withoutSpace({ ports, place }: Workshop): Workshop {
  const openDirectory = (url: string): Blob => {
    const blob = ports.openDirectory(url);
    const put: Blob['put'] = async (key, bytes) => {
      if (bytes.length > 1) throw new StoreError('no', { message: `${key}: ENOSPC: no space left on device` });
      return blob.put(key, bytes);
    };
    return new Proxy(blob, { get: (target, member) => (member === 'put' ? put : bound(target, member)) });
  };
  return { ports: { ...ports, openDirectory }, place };
}

async function expectUnwritable(stopping: Promise<unknown>): Promise<void> {
  const error: unknown = await stopping.catch((thrown: unknown) => thrown);
  if (!isError(error, 'SAVEPOINT_UNWRITABLE')) throw error;
}

async function operate(workshop: Workshop, id: JobId, operation: Operation, dir: string): Promise<unknown> {
  const { ports } = workshop;
  const directory = join(dir, 'savepoints');
  const { control } = await readControl(ports, id);
  const newest = control.savepoints[0]?.path ?? null;
  const rules = { plan: null, allowNonRestored: false, allowOffsetGap: false };
  switch (operation) {
    case 'run':
    case 'run-objects':
      await deliver(workshop, id);
      return fire(workshop, id);
    case 'savepoint':
      return takeSavepoint(workshop, id, directory);
    case 'stop':
    case 'drain':
      return stopJob(workshop, id, { directory, drain: operation === 'drain' });
    case 'stop-unwritable':
      return expectUnwritable(stopJob(withoutSpace(workshop), id, { directory, drain: false }));
    case 'cancel':
      return cancelJob(workshop, id);
    case 'resume':
      return resumeJob(workshop, id, { savepoint: null, ...rules });
    case 'resume-savepoint':
      return resumeJob(workshop, id, { savepoint: newest, ...rules });
    case 'fork':
      return createJob(workshop, await readPlan(ports, id, control.planHash), { savepoint: newest, allowNonRestored: false });
  }
}

const [dir = '', start = '', job = '', name = '', n = ''] = process.argv.slice(2);
const operation = operationOf(name);
const fate = new Fate(Number(n));
doomFiles(fate);
const ports = doomedPorts(fate, openEmbedded(dir, { create: false, runtime: fastRuntime(Number(start)) }));
/** Whatever can be an object is one, so that a payload can be there without the entry that names it. */
const OBJECTS = { ...EMBEDDED, spillInlineMax: 0, resultInlineMax: 0, chunkInlineMax: 0 };
const place = operation === 'run' ? EMBEDDED : OBJECTS;
await operate({ ports, place }, jobId(job), operation, dir);
