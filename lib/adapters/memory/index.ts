/** All ports in the memory of this process: the reference for every other adapter, and the world of the simulation. */
import type { Ports } from '../../ports/ports.ts';
import type { Codec, Runtime } from '../../ports/runtime.ts';
import { MemoryBlob, MemoryDirectories } from './blob.ts';
import { MemoryChunks } from './chunks.ts';
import { MemoryConsumers } from './consumers.ts';
import { MemoryControl } from './control.ts';
import { MemoryLog } from './log.ts';
import { MemoryOffsets } from './offsets.ts';
import { MemorySinks } from './sink.ts';
import { MemorySource } from './source.ts';

/** `Ports` with the concrete stores, whose further methods make things happen and show what is there. */
export interface MemoryPorts extends Ports {
  readonly log: MemoryLog;
  readonly control: MemoryControl;
  readonly chunks: MemoryChunks;
  readonly blob: MemoryBlob;
  readonly openDirectory: (url: string) => MemoryBlob;
  readonly source: MemorySource;
  readonly offsets: MemoryOffsets;
  readonly consumers: MemoryConsumers;
  readonly sinks: MemorySinks;
}

/** An empty world. Deterministic: time and randomness are those of `runtime`. */
export function memoryPorts({ runtime, codec }: { runtime: Runtime; codec: Codec }): MemoryPorts {
  const offsets = new MemoryOffsets();
  const directories = new MemoryDirectories(runtime);
  return {
    log: new MemoryLog(runtime),
    control: new MemoryControl(),
    chunks: new MemoryChunks(),
    blob: new MemoryBlob(runtime),
    openDirectory: (url) => directories.open(url),
    source: new MemorySource(offsets, runtime),
    offsets,
    consumers: new MemoryConsumers(),
    sinks: new MemorySinks(),
    runtime,
    codec,
  };
}
