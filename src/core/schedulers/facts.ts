/** What a check of a host finds out about its scheduler. */

/** In the order in which a host is asked: one may bring the commands of another. */
export const SCHEDULER_KINDS = ['slurm', 'pbs', 'sge'] as const;
export type SchedulerKind = (typeof SCHEDULER_KINDS)[number];

/** A partition, or a queue. */
export interface Partition {
  name: string;
  isDefault: boolean;
  /** As job options write it; null without one. */
  timeLimit: string | null;
  nodes: number;
  /** Of one node. */
  cores: number;
  memoryBytes: number;
  gres: string | null;
}

export interface SchedulerFacts {
  kind: SchedulerKind;
  version: string;
  /** Whether it keeps accounts of jobs that have ended. */
  accounting: boolean;
  partitions: Partition[];
}
