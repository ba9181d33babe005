/** What a plug-in is given: it imports types alone, and one file is the whole of it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import * as engine from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import type { Metric } from '../evaluation/metrics-table.ts';
import * as encoderConfig from '../families/next-item/encoder-config.ts';
import * as encoderInput from '../families/next-item/encoder-input.ts';
import type { Losses } from '../families/next-item/losses/index.ts';
import * as loss from '../families/next-item/losses/loss.ts';
import { fitted, type NextItemDefinition, trained } from '../families/next-item/next-item-model.ts';
import { SequenceEncoder } from '../families/next-item/sequence-encoder.ts';
import * as task from '../families/next-item/tasks/task.ts';
import { firstText, linesOf } from '../files/lines.ts';
import type { TitledTracker } from '../foreign/trackers/added.ts';
import * as told from '../foreign/trackers/told.ts';
import * as layers from '../layers/index.ts';
import * as config from '../training/config.ts';

/** Nothing but the compiler would say what is missing, and a plug-in may have been written without one. */
const lossFunction: typeof loss.lossFunction = (definition) => {
  const parts = ['candidates', 'draws', 'hostInputs', 'value'] as const;
  const missing = parts.find((part) => typeof definition[part] !== 'function');
  if (missing) throw new Error(`a loss needs the function "${missing}"`);
  return loss.lossFunction(definition);
};

export const kit = {
  /** Schemas of settings: https://zod.dev */
  z,
  /** Operations of TensorFlow.js; docs/lists.md has those that a step can be made of. */
  tf,
  /** Operations with gradients of their own (`dropout`, `silu`, …), specs of tensors, optimisers. */
  engine,
  /** Blocks of models, and what they are made of. */
  layers,
  /** Settings that many models have: `field`, `trainingFields`, `protocolFields`, `dataFields`. */
  config,
  /** Models that score every item: `trained` and `fitted` make one; a `SequenceEncoder` has all but the blocks. */
  models: { trained, fitted, SequenceEncoder, ...encoderConfig, ...encoderInput, ...task },
  /** `lossFunction`, and what losses share. */
  losses: { ...loss, lossFunction },
  /** What readers of other programs' runs share. */
  trackers: { ...told, firstText, linesOf, text: (path: string) => readFileSync(path, 'utf8') },
};

export type Kit = typeof kit;

/** What a plug-in adds. Names that Tessera has already are refused. */
export interface Plugin {
  models?: readonly NextItemDefinition[];
  /** By their names in configs. */
  losses?: Losses;
  metrics?: readonly Metric[];
  /** By the word that `runs import --from` takes. */
  trackers?: Readonly<Record<string, TitledTracker>>;
}

/** The default export of a plug-in. */
export type MakePlugin = (kit: Kit) => Plugin;
