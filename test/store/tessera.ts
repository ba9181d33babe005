import { vi } from 'vitest';
import { runCommandLine } from '../../src/main/cli/program.ts';

/** Runs a command on a home in this process. */
export async function tessera(
  home: string,
  ...args: string[]
): Promise<{ code: number; out: string; error: string }> {
  const texts = { out: '', error: '' };
  const take = (name: keyof typeof texts) => (chunk: unknown) => {
    texts[name] += chunk;
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(take('error')),
  ];
  const code = await runCommandLine(['--home', home, ...args]).finally(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { code, ...texts };
}
