/** Every check: `npm test`, and with `--all` in the whole form. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';

if (process.argv.includes('--all')) process.env.TESSERA_TESTS = 'all';

const running = new Set<ChildProcess>();
const times: string[] = [];

/** Runs a script of package.json. Returns whether it ended well. */
async function run(script: string): Promise<boolean> {
  const begun = performance.now();
  const child = spawn('npm', ['run', '-s', script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  running.add(child);
  const [code] = await once(child, 'exit');
  running.delete(child);
  times.push(`${script} ${Math.round((performance.now() - begun) / 1000)} s${code === 0 ? '' : ', failed'}`);
  return code === 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
  });

const checked = await Promise.all(['lint', 'typecheck', 'build'].map((script) => run(script)));
let passed = checked.every(Boolean);
// Each keeps the processor busy: side by side they would take as long, and wait for each other.
for (const script of ['test:unit', 'test:e2e']) if (passed) passed = await run(script);
console.log(`${passed ? 'passed' : 'failed'}: ${times.join(', ')}`);
process.exitCode = passed ? 0 : 1;
