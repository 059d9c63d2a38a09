/** Mutants of the life of a job: generations, workflows, savepoints (protocol §11). */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const PENDING = 'lib/engine/lifecycle/pending.ts';
const TAKE = 'lib/engine/checkpoint/take.ts';
const CLOSE = 'lib/engine/lifecycle/close.ts';
const GENERATION = 'lib/engine/lifecycle/generation.ts';
const STOP = 'lib/engine/lifecycle/stop.ts';
const CONTROL = 'lib/engine/lifecycle/job-control.ts';
const KEYS = 'lib/engine/keys.ts';
const SINK = 'lib/adapters/memory/sink.ts';

export const GENERATIONS: readonly Mutant[] = [
  {
    name: 'noClose',
    rule: 'L1',
    breaks: 'the old generation is not closed',
    config: 'workflows',
    seeds: 80,
    edits: [edit(CLOSE, 'const firer = new Firer(ports, job);\n', 'if (job) return;\n  const firer = new Firer(ports, job);\n')],
  },
  {
    name: 'pendingForgotten',
    rule: 'F14',
    breaks: 'a checkpoint does not name the sinks that have not confirmed its FIRE',
    config: 'sourcesWorkflows',
    seeds: 20,
    edits: [edit(TAKE, 'const pending = unconfirmed?.sinks ?? [];', 'const pending: string[] = [];')],
  },
  {
    name: 'pendingLost',
    rule: 'F14, 11.5',
    breaks: 'rows that a sink lacks are not handed over to the next generation',
    config: 'sourcesWorkflows',
    seeds: 20,
    edits: [edit(PENDING, 'return lacking(job, base, base.job === job.id ? positions : new Map());', 'return positions.size < 0 ? lacking(job, base, positions) : [];')],
  },
  {
    name: 'pendingTwice',
    rule: 'F14, X1',
    breaks: 'rows are handed over although the sink has them',
    config: 'sourcesWorkflows',
    seeds: 20,
    edits: [edit(PENDING, 'filter((uid) => !has(positions.get(uid)))', 'filter((uid) => has(positions.get(uid)) || true)')],
  },
  {
    name: 'noFence',
    rule: 'L1, X3',
    breaks: 'the sinks are not told of the new generation',
    config: 'sourcesWorkflows',
    seeds: 20,
    edits: [edit(PENDING, 'const at = await sink.fence(g);', 'const at = null as SinkPosition | null;\n    void g;')],
  },
  {
    name: 'fenceIgnored',
    rule: 'X3',
    breaks: 'the reference sink takes rows of a generation that was fenced',
    config: 'sourcesWorkflows',
    seeds: 20,
    edits: [edit(SINK, "if (emission.g < this.#owner) return { kind: 'fenced', by: this.#owner };", '')],
  },
  {
    name: 'noRewind',
    rule: 'L2',
    breaks: 'the new consumer group begins where the old one stood',
    config: 'workflows',
    seeds: 40,
    edits: [
      edit(
        GENERATION,
        'await ports.offsets.commit(groupOf(job.id, job.g, source, topic), topic, partition, cut.next);',
        `const old = job.g === 0 ? null : await ports.offsets.committed(\`sluice-\${job.id}-g\${job.g - 1}-\${source}.\${topic}\`, topic, partition);
    await ports.offsets.commit(groupOf(job.id, job.g, source, topic), topic, partition, old ?? cut.next);`,
      ),
    ],
  },
  {
    name: 'offsetsFromEarliest',
    rule: 'L2',
    breaks: 'the logs of a new generation begin at the earliest offset',
    config: 'workflows',
    seeds: 30,
    edits: [edit(GENERATION, 'if (a.base !== null) return afterGap(a, a.base.next, await earliest(), allowOffsetGap);', 'void afterGap; void allowOffsetGap;')],
  },
  {
    name: 'watermarksReset',
    rule: 'E7',
    breaks: 'watermarks begin again behind a restore',
    config: 'workflows',
    seeds: 30,
    edits: [edit(GENERATION, 'watermarks: sources.map((s) => from?.watermarks[indexOf(s.node.uid)] ?? MIN_WATERMARK),', 'watermarks: sources.map(() => (void indexOf, MIN_WATERMARK)),')],
  },
  {
    name: 'stateForgotten',
    rule: '11.5',
    breaks: 'the panes of the base are not restored',
    config: 'workflows',
    seeds: 20,
    edits: [edit(GENERATION, 'for (const columns of operator.panes) state.merge(columns);', 'void state;')],
  },
  {
    name: 'restoreTwice',
    rule: '11.5',
    breaks: 'a repeated start takes the base over once more',
    config: 'workflows',
    seeds: 20,
    edits: [edit(GENERATION, 'if (replica.closed || replica.head.entry.checkpoints.length > 0) return;', 'if (replica.closed) return;')],
  },
  {
    name: 'begunWithoutState',
    rule: '11.5',
    breaks: 'a generation runs before the state of its base is in the log',
    config: 'workflows',
    seeds: 400,
    edits: [edit('lib/engine/checkpoint/load.ts', 'if (init.restores) return null;', '')],
  },
  {
    name: 'barrierIgnoresFrozen',
    rule: '11.3',
    breaks: 'a stop closes the log before its cut has reached the frozen heads',
    config: 'workflows',
    seeds: 20,
    edits: [edit('lib/engine/firer/decide-fire.ts', 'if (facts.request?.frozen !== true) return true;', 'if (facts.request !== undefined) return true;')],
  },
  {
    name: 'noFreeze',
    rule: 'W9, 11.3',
    breaks: 'a stop does not freeze the partition logs',
    config: 'workflows',
    seeds: 20,
    edits: [
      edit(STOP, 'const replica = await new Firer(ports, job).load();\n  for (const p of replica === null', 'const replica = null;\n  for (const p of replica === null'),
    ],
  },
  {
    name: 'controlUnconditional',
    rule: '§11',
    breaks: 'CTRL is replaced whatever it is by now',
    config: 'workflows',
    seeds: 20,
    edits: [edit(CONTROL, 'JSON.stringify(body), was.version)', "JSON.stringify(body), 'any')")],
  },
  {
    name: 'hintShared',
    rule: 'I1',
    breaks: 'all generations of a job have one hint',
    config: 'workflows',
    seeds: 20,
    edits: [edit(KEYS, 'pk: `J#${job}#HINT#g${g}`', 'pk: `J#${job}#HINT${g > -1 ? "" : g}`')],
  },
  {
    name: 'groupShared',
    rule: 'I1, L2',
    breaks: 'all generations of a job have one consumer group',
    config: 'workflows',
    seeds: 20,
    edits: [edit(KEYS, '`sluice-${job}-g${g}-${source}.${topic}`', '`sluice-${job}-${source}.${topic}${g > -1 ? "" : g}`')],
  },
  {
    name: 'chunksShared',
    rule: 'I1',
    breaks: 'all generations of a job have one collection of chunks',
    config: 'workflows',
    seeds: 20,
    edits: [edit(KEYS, '`${namespace(job, g)}#W`', '`${namespace(job, g).split("#g")[0]}#W`')],
  },
];
