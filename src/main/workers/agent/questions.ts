/** What a desktop asks the agent on a host, and what that answers. */
import { crc32 } from 'node:zlib';
import type { SchedulerKind } from '../../../core/schedulers/facts.ts';
import type { JournalRequest } from '../../../core/training/journal.ts';
import type { SeenRun } from './answers.ts';

/** Of the answers: an agent of another version is not understood. */
export const AGENT_VERSION = 2;

/** Of the journal of a run there. */
export const JOURNAL = 'events.jsonl';

/** A run is named by its folder in "runs" of Tessera's folder there. */
export interface AskedRun {
  name: string;
  /** How much of its journal is known, in bytes. */
  offset: number;
  /** What its trainer is to be asked. */
  request: JournalRequest | null;
}

export type Question =
  /** How runs stand. `cluster`: whether its queue is to be asked, and how many jobs are ahead there. */
  | {
      op: 'look';
      runs: AskedRun[];
      cluster: { kind: SchedulerKind; queue: boolean; ahead: boolean; accounting: boolean } | null;
    }
  /** Starts a trainer, once. */
  | { op: 'start'; name: string; command: string[] }
  /** Submits what has no job yet, as one job or an array of them, of which `atOnce` run at once. Tasks of the script are counted as the runs. */
  | {
      op: 'submit';
      kind: SchedulerKind;
      runs: string[];
      options: string[];
      script: string;
      atOnce: number;
    }
  /** Ends runs at once, and keeps from being started what has not been. */
  | { op: 'end'; names: string[] }
  /** Files that a run has made, or those of them that are named. */
  | { op: 'made'; name: string; only: string[] | null }
  | { op: 'remove'; name: string }
  /** Trainings there that whoever asks does not know: `known` are its own, by their folders. */
  | { op: 'strays'; known: string[] };

export type { AgentFailure, Look, MadeFile, SeenRun, StrayThere, Submitted } from './answers.ts';

/** What its folder says of a run. */
export type RunState = Pick<SeenRun, 'state' | 'exitCode' | 'job' | 'starts'>;

/** What is said of a program that did not end in time. */
export const LATE = 'it did not answer in time';

/** The code of a failure that passes by itself. */
export const TRY_AGAIN = 75;

/** An answer as it is written: its length and its checksum come first. */
export function framed(answer: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(answer));
  const head = `tessera-agent ${AGENT_VERSION} ${body.length} ${crc32(body).toString(16)}\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
