/** Every loss function, by the name that configs have for it. */
import type { z } from 'zod';
import { choiceField, choiceSettings } from '../../../choice-settings.ts';
import { trainingFields } from '../../../training/config.ts';
import { negativeSettings } from '../../../training/negatives.ts';
import { bce } from './bce.ts';
import { bpr } from './bpr.ts';
import { bprMax } from './bpr-max.ts';
import { fullSoftmax } from './full-softmax.ts';
import { gbce } from './gbce.ts';
import { inBatchSoftmax } from './in-batch-softmax.ts';
import type { NextItemLoss } from './loss.ts';
import { sampledSoftmax } from './sampled-softmax.ts';
import { sce } from './sce.ts';
import { sessionSoftmax } from './session-softmax.ts';

export type { BoundLoss, ItemRows, Predicted } from './loss.ts';

/** Of models that train on whole sequences. */
export const losses = {
  'sampled-softmax': sampledSoftmax,
  'full-softmax': fullSoftmax,
  bce,
  gbce,
  bpr,
  'in-batch-softmax': inBatchSoftmax,
  sce,
};

/** Of recurrent models, which call the full softmax by the name of their papers. */
export const recurrentLosses = {
  'cross-entropy': fullSoftmax,
  ...{ bpr, bce, gbce, 'in-batch-softmax': inBatchSoftmax, sce },
};

/** Of GRU4Rec, whose original trains session-parallel. */
export const gru4recLosses = { ...recurrentLosses, 'sampled-softmax': sessionSoftmax, 'bpr-max': bprMax };

export type Losses = Readonly<Record<string, NextItemLoss & { settings: object }>>;

/** Which losses a key `loss` chooses from. */
const choices = new WeakMap<object, Losses>();

/** The key `loss`, and those that only some losses read. */
export function lossSettings<L extends Losses>(choice: L, standard: keyof L & string) {
  const loss = choiceField(choice, 'What training minimises', standard);
  choices.set(loss, choice);
  // Some are the model's own.
  const isOwn = (key: string) => key in trainingFields || key in negativeSettings;
  return { loss, ...choiceSettings('loss', choice, isOwn) };
}

/** The losses that models of this schema may name; none where they have no choice. */
export function lossesOf({ shape }: z.ZodObject): Losses {
  return choices.get(shape.loss ?? {}) ?? {};
}

let added: Losses = {};
let extended = new WeakMap<z.ZodObject, z.ZodObject>();

/** Those of plug-ins, in place of the ones that were added before. */
export function setAddedLosses(those: Losses): void {
  added = those;
  extended = new WeakMap();
}

/** The schema of a model with the losses of plug-ins among its own, where it has a choice. */
export function withAddedLosses(schema: z.ZodObject): z.ZodObject {
  const { loss } = schema.shape;
  const own = choices.get(loss ?? {});
  if (own === undefined || Object.keys(added).length === 0) return schema;
  const standard = (loss as z.ZodType).parse(undefined) as string;
  const all = extended.get(schema) ?? schema.safeExtend(lossSettings<Losses>({ ...own, ...added }, standard));
  extended.set(schema, all);
  return all;
}

/** One of a choice, or of a plug-in, by its name in a config. */
export function lossNamed(id: string, choice: Losses = losses): NextItemLoss {
  const all: Losses = { ...choice, ...added };
  return all[id];
}
