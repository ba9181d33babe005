/** What a desktop asks the agent on a host, and what that answers. */
import { crc32 } from 'node:zlib';
import type { JournalRequest } from '../../../core/training/journal.ts';

/** Of the answers: an agent of another version is not understood. */
export const AGENT_VERSION = 1;

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
      cluster: { queue: boolean; ahead: boolean; accounting: boolean } | null;
    }
  /** Starts a trainer, once. */
  | { op: 'start'; name: string; command: string[] }
  /** Submits what has no job yet, as one job or an array of them, of which `atOnce` run at once. Tasks of the script are counted as the runs. */
  | { op: 'submit'; runs: string[]; args: string[]; script: string; atOnce: number }
  /** Ends runs at once, and keeps from being started what has not been. */
  | { op: 'end'; names: string[]; cluster: boolean }
  /** Files that a run has made, or those of them that are named. */
  | { op: 'made'; name: string; only: string[] | null }
  | { op: 'remove'; name: string };

export interface SeenRun {
  name: string;
  /** never: nothing was started. begun: it may be starting. runs: also a job, wherever its cluster has it. lost: it has ended without an exit code. */
  state: 'never' | 'begun' | 'runs' | 'ended' | 'lost';
  exitCode: number | null;
  /** As Slurm counts it: "12", or "12_3" in an array. */
  job: string | null;
  /** How often its job was started. */
  starts: number;
  /** What its journal has behind the offset, in base64, and all that it has, in bytes. */
  journal: string;
  bytes: number;
  /** The last lines of its logs, where it has ended badly. */
  log: string | null;
}

export interface Look {
  runs: SeenRun[];
  freeBytes: number;
  /** What squeue, and of jobs that it does not show sacct or scontrol, have said; null where they were not asked. */
  queue: string | null;
  past: string | null;
  /** Of jobs that wait, how many jobs of their partition are to start before them; null where that was not asked. */
  ahead: Record<string, number> | null;
  /** Why the cluster could not be asked. */
  trouble: string | null;
}

export interface MadeFile {
  /** Within the run's folder, with "/". */
  path: string;
  size: number;
  /** SHA-256. */
  hash: string;
}

/** The code of a failure that passes by itself. */
export const TRY_AGAIN = 75;

/** What failed, as a program of the host said it. */
export interface AgentFailure {
  failed: { what: string; code: number; said: string };
}

/** An answer as it is written: its length and its checksum come first. */
export function framed(answer: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(answer));
  const head = `tessera-agent ${AGENT_VERSION} ${body.length} ${crc32(body).toString(16)}\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
