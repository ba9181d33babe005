import type { StepTime } from './processes.ts';

/** Process CPU and wall time of a step in seconds, mean over `steps` after the warm-up, and the last loss. */
export async function timeSteps(
  next: () => Promise<number>,
  { warmUp, steps }: { warmUp: number; steps: number },
): Promise<StepTime & { loss: number }> {
  for (let i = 0; i < warmUp; i++) await next();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let loss = 0;
  for (let i = 0; i < steps; i++) loss = await next();
  const wall = (performance.now() - start) / 1000 / steps;
  const used = process.cpuUsage(cpu);
  return { cpu: (used.user + used.system) / 1e6 / steps, wall, loss };
}
