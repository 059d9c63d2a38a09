/** The table of mutants: how many seeds of its configuration catch each. */
import { runConfig } from '../run-config.ts';
import { SeedProcesses } from '../seeds.ts';
import { firstLine } from '../tally.ts';
import { DIRECTED } from './directed.ts';
import { MUTANTS } from './index.ts';

/** Runs `count` seeds of every mutant; whether each was caught within the seeds that it states. */
export async function measureMutants(count: number, print: (line: string) => void): Promise<boolean> {
  let missed = 0;
  print(`${'mutant'.padEnd(28)} ${'rule'.padEnd(12)} ${'configuration'.padEnd(14)} caught of ${count}, first at, within`);
  for (const { name, rule, config, seeds, edits } of MUTANTS) {
    const processes = new SeedProcesses({ edits });
    const { red } = await runConfig(processes, config, { from: 1, count });
    processes.end();
    const [first] = red;
    const isCaught = first !== undefined && first.seed <= seeds;
    const result = first === undefined ? 'SURVIVED' : `${red.length}, ${first.seed}, ${seeds}${isCaught ? '' : ' MISSED'}`;
    print(`${name.padEnd(28)} ${rule.padEnd(12)} ${config.padEnd(14)} ${result.padEnd(16)} ${firstLine(first?.message ?? '').slice(0, 100)}`);
    if (!isCaught) missed++;
  }
  for (const { name, rule, test } of DIRECTED) print(`${name.padEnd(28)} ${rule.padEnd(12)} ${test}`);
  print(`${MUTANTS.length} mutants for the simulation, ${missed} not caught in time; ${DIRECTED.length} for tests of their own`);
  return missed === 0;
}
