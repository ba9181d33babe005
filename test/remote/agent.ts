/** The agent of a host, run on this machine as a host runs it. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { type Answer, readAnswer } from '../../src/main/executors/remote/host-link.ts';
import type { Question } from '../../src/main/workers/agent/questions.ts';

export const AGENT = join(import.meta.dirname, '../../src/main/workers/host-agent.ts');

export async function askAgent<Q extends Question>(
  root: string,
  question: Q,
  env: Record<string, string> = {},
): Promise<Answer<Q>> {
  const child = spawn(process.execPath, [AGENT, root], { env: { ...process.env, ...env } });
  child.stdin.end(JSON.stringify(question));
  const [answer, said] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
  if (answer.length === 0) throw new Error(said);
  return readAnswer('box', question, answer);
}

/** The folder of a run there. */
export function runFolder(root: string, name: string): string {
  const folder = join(root, 'runs', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
