/** Mutants of the life of a job: generations, workflows, savepoints (protocol §11). */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const PENDING = 'lib/engine/lifecycle/pending.ts';
const TAKE = 'lib/engine/checkpoint/take.ts';
const CONSUMERS = 'lib/engine/lifecycle/consumers.ts';
const CLOSE = 'lib/engine/lifecycle/close.ts';
const GENERATION = 'lib/engine/lifecycle/generation.ts';
const CONTROL = 'lib/engine/lifecycle/job-control.ts';
const KEYS = 'lib/engine/keys.ts';
const SINK = 'lib/adapters/memory/sink.ts';

export const GENERATIONS: readonly Mutant[] = [
  {
    name: 'runningUnattached',
    rule: '11.5',
    breaks: 'a resumed job is RUNNING without consumers of its own',
    config: 'workflows',
    seeds: 40,
    edits: [edit(CONSUMERS, 'await ports.consumers.attach(consumptionOf(job));', 'if (job.g === 0) await ports.consumers.attach(consumptionOf(job));')],
  },
  {
    name: 'detachTooFar',
    rule: '11.5',
    breaks: 'the consumers of the new generation end with those of the old one',
    config: 'workflows',
    seeds: 40,
    edits: [edit(CONSUMERS, '(g) => g < job.g', '(g) => g <= job.g')],
  },
  {
    name: 'noClose',
    rule: 'L1',
    breaks: 'the old generation is not closed',
    config: 'workflows',
    seeds: 80,
    caughtBy: 3,
    edits: [edit(CLOSE, 'const log = openCoordinatorLog(ports, generation);\n', 'if (generation) return;\n  const log = openCoordinatorLog(ports, generation);\n')],
  },
  {
    name: 'pendingForgotten',
    rule: 'F14',
    breaks: 'a checkpoint does not name the sinks that have not confirmed its FIRE',
    config: 'givingUp',
    seeds: 60,
    caughtBy: 10,
    edits: [edit(TAKE, 'const pending = unconfirmed?.sinks ?? [];', 'const pending: string[] = [];')],
  },
  {
    name: 'pendingLost',
    rule: 'F14, 11.5',
    breaks: 'rows that a sink lacks are not handed over to the next generation',
    config: 'givingUp',
    seeds: 200,
    caughtBy: 11,
    edits: [edit(PENDING, 'return lacking(job, base, base.job === job.id ? positions : new Map());', 'return positions.size < 0 ? lacking(job, base, positions) : [];')],
  },
  {
    name: 'fenceIgnored',
    rule: 'X3',
    breaks: 'the reference sink takes rows of a generation that was fenced',
    config: 'givingUp',
    seeds: 300,
    caughtBy: 11,
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
        'await ports.offsets.commit(group, topic, partition, offset(Math.min(...starts)));',
        `const old = job.g === 0 ? null : await ports.offsets.committed(\`sluice-\${job.id}-g\${job.g - 1}-\${partsOf(p).source}.\${topic}\`, topic, partition);
    await ports.offsets.commit(group, topic, partition, old ?? cut[p]?.next ?? offset(0));`,
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
    edits: [edit(GENERATION, 'states.get(node.uid)?.merge(evolvePanes(columns, from.node, node));', 'void [evolvePanes, columns];')],
  },
  {
    name: 'begunWithoutState',
    rule: '11.5',
    breaks: 'a generation runs before the state of its base is in the log',
    config: 'workflows',
    seeds: 400,
    caughtBy: 7,
    edits: [edit('lib/engine/checkpoint/load.ts', 'return init.restores ? null :', 'return')],
  },
  {
    name: 'barrierIgnoresFrozen',
    rule: '11.3',
    breaks: 'a stop closes the log before its cut has reached the frozen heads',
    config: 'forks',
    seeds: 200,
    caughtBy: 16,
    edits: [edit('lib/engine/firer/decide-fire.ts', 'if (facts.request?.frozen !== true) return true;', 'if (facts.request !== undefined) return true;')],
  },
  {
    name: 'controlUnconditional',
    rule: '§11',
    breaks: 'CTRL is replaced whatever it is by now',
    config: 'workflows',
    seeds: 60,
    caughtBy: 5,
    edits: [edit(CONTROL, 'JSON.stringify(body), was.version)', "JSON.stringify(body), 'any')")],
  },
  {
    name: 'groupShared',
    rule: 'I1, L2',
    breaks: 'all generations of a job have one consumer group',
    config: 'workflows',
    seeds: 20,
    edits: [edit(KEYS, '`sluice-${job}-g${g}-${source}.${topic}`', '`sluice-${job}-${source}.${topic}${g > -1 ? "" : g}`')],
  },
];
