import { execFileSync, spawnSync } from 'node:child_process';

/** Seconds of one training step. */
export interface StepTime {
  cpu: number;
  wall: number;
}

/** Runs a script to its end and reads the JSON of its last line. */
export function child<T = StepTime>(command: string, args: string[], env: NodeJS.ProcessEnv = {}): T {
  const output = execFileSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}

/** A Python that has torch, or null: that of the environment's TORCH_PYTHON before the system's. */
export function pythonWithTorch(): string | null {
  const own = process.env.TORCH_PYTHON;
  return (
    [...(own ? [own] : []), '/usr/bin/python3', 'python3'].find(
      (python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
    ) ?? null
  );
}

/** Its libraries pick their own kernels, as in a plain install. */
export function torchEnvironment(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return {
    OMP_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    OPENBLAS_CORETYPE: undefined,
  };
}
