/** The outside world of the engine: one value that a composition root puts together. */
import type { Blob } from './blob.ts';
import type { Chunks } from './chunks.ts';
import type { Consumers } from './consumers.ts';
import type { Control } from './control.ts';
import type { Log } from './log.ts';
import type { Codec, Runtime } from './runtime.ts';
import type { Sinks } from './sink.ts';
import type { Offsets, Source } from './source.ts';

export interface Ports {
  readonly log: Log;
  readonly control: Control;
  readonly chunks: Chunks;
  /** Root of `spill/`, `res/`, `chunks/` and `programs/`. */
  readonly blob: Blob;
  /** Opens a directory that the user named (`file:/…`, a path, later `s3://…`). */
  readonly openDirectory: (url: string) => Blob;
  readonly source: Source;
  readonly offsets: Offsets;
  readonly consumers: Consumers;
  readonly sinks: Sinks;
  readonly runtime: Runtime;
  readonly codec: Codec;
}
