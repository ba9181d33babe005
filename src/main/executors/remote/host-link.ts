/** The way to a host: what an executor asks of it, over ssh or in a simulated world. */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { HostFacts } from '../../../core/api/hosts.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { ANSWERS, agentFailure } from '../../workers/agent/answers.ts';
import { AGENT_VERSION, type MadeFile, type Question, TRY_AGAIN } from '../../workers/agent/questions.ts';
import type { ShipOptions } from '../shipping/ship.ts';
import { commandError, SshError } from '../ssh/ssh-error.ts';

export type Answer<Q extends Question> = z.output<(typeof ANSWERS)[Q['op']]>;

/** Rejects with SshError where the host cannot be asked, or refuses. */
export interface HostLink {
  readonly name: string;
  /** Whether all questions share one login. */
  readonly isShared: boolean;
  /** What the host is; asked once. */
  facts(): Promise<HostFacts>;
  /** Sends the program, and what a run needs; resolves with the command that trains it there. */
  send(spec: TrainSpec, name: string, cuda: boolean, options: ShipOptions): Promise<string[]>;
  ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<Answer<Q>>;
  /** Fetches a file of a run, whole or not at all. */
  fetch(name: string, file: MadeFile, local: string, options: Pick<ShipOptions, 'signal'>): Promise<void>;
  close(): Promise<void>;
}

/** Ends a run there, or its job. */
export async function endThere(link: HostLink, name: string): Promise<void> {
  await link.ask({ op: 'end', names: [name] });
}

/** What the agent on a host wrote: foreign input. Throws SshError where it is cut, damaged, of another version, or a failure. */
export function readAnswer<Q extends Question>(host: string, question: Q, said: Buffer): Answer<Q> {
  const begins = said.indexOf('tessera-agent ');
  const line = said.toString('latin1', begins, begins + 60).split('\n', 1)[0];
  const [, version, length, sum] =
    /^tessera-agent (\d+) (\d+) ([0-9a-f]+)$/.exec(begins < 0 ? '' : line) ?? [];
  if (length === undefined) throw new SshError('lost', `${host}: its answer was cut`);
  if (Number(version) !== AGENT_VERSION)
    throw new SshError('failed', `${host}: its agent is of another version, ${version}`);
  const body = said.subarray(begins + line.length + 1, begins + line.length + 1 + Number(length));
  if (body.length < Number(length) || crc32(body).toString(16) !== sum)
    throw new SshError('lost', `${host}: its answer was cut or damaged`);
  const answer: unknown = JSON.parse(body.toString('utf8'));
  const { failed } = agentFailure.safeParse(answer).data ?? {};
  // Another question is at it there.
  if (failed?.code === TRY_AGAIN)
    throw new SshError('timeout', `${host}: ${failed.said}`, 'it will be tried again');
  if (failed) throw commandError(host, failed.what, failed.code, failed.said);
  const read = ANSWERS[question.op].safeParse(answer);
  if (read.success) return read.data as Answer<Q>;
  throw new SshError('failed', `${host}: its answer cannot be read: ${z.prettifyError(read.error)}`);
}
