/** The course of a training as it told it: nothing but times. */
import type { TrainerEvent } from '../../src/core/training/events.ts';

export type Progress = Extract<TrainerEvent, { type: 'progress' }>;

export const PHASES = ['prepare', 'train', 'validate', 'test'] as const;

/** `done` of `total` in a phase of an epoch, so many seconds after the command. */
export type Moment = [phase: number, epoch: number, done: number, total: number, at: number];

export interface Course {
  model: string;
  dataset: string;
  epochs: number;
  /** In which its training counts. */
  unit: string;
  /** From the command to the end of its process. */
  seconds: number;
  moments: Moment[];
}

export const toldAt = ({ epochs, unit }: Course, [phase, epoch, done, total]: Moment) => ({
  ...{ phase: PHASES[phase], epoch, epochs, done, total },
  unit: PHASES[phase] === 'train' ? unit : 'users',
});
