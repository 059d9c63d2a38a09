/** Says at the end which emulators the tests ran on, and which not. */
import type { TestModule } from 'vitest/node';
import { LOCALSTACK_ENDPOINT } from './emulators.ts';

export default class Summary {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, { passed: number; others: number }>();
    for (const module of modules) {
      const count = counts.get(module.project.name) ?? { passed: 0, others: 0 };
      for (const test of module.children.allTests()) count[test.result().state === 'passed' ? 'passed' : 'others']++;
      counts.set(module.project.name, count);
    }
    for (const [name, { passed, others }] of counts) console.log(`${name}: ${passed} passed, ${others} failed or skipped`);
    if (process.env[LOCALSTACK_ENDPOINT] === undefined) console.log(`localstack: NOT RUN, ${LOCALSTACK_ENDPOINT} does not say where it is`);
  }
}
