/** `npm run bench:real [-- throughput|cold-start|cost-model|savepoint [OPTIONS]]`: what a job does and costs on real parts; without a name all of them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHMARKS = ['throughput', 'cold-start', 'cost-model', 'savepoint'];
const [name, ...options] = process.argv.slice(2);
if (name !== undefined && !BENCHMARKS.includes(name)) throw new Error(`there is no benchmark ${name}: take one of ${BENCHMARKS.join(', ')}`);
// A process for each: none finds what another one has warmed.
for (const benchmark of name === undefined ? BENCHMARKS : [name]) {
  const { status } = spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, `${benchmark}.ts`), ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
