/** The plans that are run with kills and without: eight models, one of which is tuned and one reads a tokeniser, on two splits. */
import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { PlanInput } from '../../src/core/plans/plan-schema.ts';

export interface Size {
  epochs: number;
  /** Optimiser steps of the generating model in each of its epochs. */
  tigerSteps: number;
  trials: number;
}

/**
 * So that both runs of a plan, with kills and without, take about an hour of one core: trainings of models that are to be compared, and not
 * of their best. An epoch of SASRec on Toys takes half a minute of CPU, EASE a minute, a step of TIGER half a second.
 */
export const SIZES = {
  toys: { epochs: 3, tigerSteps: 60, trials: 3 },
  films: { epochs: 8, tigerSteps: 60, trials: 3 },
  tiny: { epochs: 1, tigerSteps: 4, trials: 2 },
} as const satisfies Record<string, Size>;

interface Ingredients {
  name: string;
  /** Ratings and items. */
  files: readonly string[];
  seeds: string;
  size: Size;
  /** Recommendations of a program from PyPI for leave-last-out, where there are some. */
  lists?: string;
}

export function planText({ name, files, seeds, size, lists }: Ingredients): string {
  const { epochs, tigerSteps, trials } = size;
  const settings = { epochs, minSteps: 0, minEvaluationSteps: 0, minPatienceSteps: 0, patience: 0 };
  const beauty = { preset: 'beauty', settings };
  const models = [
    'popularity',
    'itemknn',
    'ease',
    { gru4rec: beauty },
    {
      sasrec: {
        ...beauty,
        space: { dropout: [0.2, 0.5], learningRate: { log: [0.0005, 0.005] } },
        trials,
      },
    },
    { hstu: beauty },
    { 'fuxi-alpha': beauty },
    {
      tiger: {
        preset: 'small',
        settings: {
          ...{ epochs: 2, epochSteps: tigerSteps, warmupSteps: 10, evaluateEvery: 1, batchSize: 32 },
          ...{ beams: 20, validationUsers: 500 },
        },
        tokeniser: { 'rq-vae': { preset: 'small' } },
      },
    },
  ];
  const plan = {
    plan: name,
    tables: [
      {
        data: { files: [...files], name },
        split: ['leave-last-out', { split: 'time', title: 'by time' }],
        slices: ['popularity'],
      },
    ],
    models,
    ...(lists === undefined
      ? {}
      : {
          results: [
            { file: lists, program: 'implicit', model: 'ALS', split: 'leave-last-out', seed: 'none' },
          ],
        }),
    seeds,
    baseline: 'sasrec',
    metrics: ['ndcg@10', 'hr@10'],
    paper: { style: 'acm', label: `tab:${basename(name)}` },
  };
  return stringify(plan satisfies Record<keyof Pick<PlanInput, 'plan' | 'tables' | 'models'>, unknown>);
}
