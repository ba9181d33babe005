/** What a sequence is asked, in training and when it is scored. Each task is a file in this folder, and a line of the list in index.ts. */
import { z } from 'zod';
import type { RowTask } from '../../../data/batches/row-task.ts';
import type { Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { range } from '../../../layers/index.ts';
import type { Config } from '../../../training/config.ts';

/** A task with the settings of a run. */
export interface BoundTask {
  /** Whether a position may attend to none after it. */
  readonly causal: boolean;
  /**
   * Tokens that are no items: each has a vector of its own, and is no candidate, no negative and no class. Inputs name them in
   * `special` int32 [rows, length] (1 + number, else 0), where `ids` are 0.
   */
  readonly tokens: readonly string[];
  /** What training rows are asked. Default: the item that follows, at every position. */
  readonly rows?: RowTask;
  /** A history as the model is to read it where its last position is scored. Default: as it is. */
  scored?(inputs: Tensors): Tensors;
}

export interface SequenceTask<S extends z.ZodRawShape = z.ZodRawShape> {
  title: string;
  /** In one line, for a list. */
  summary: string;
  /** The config keys that it reads, for the schemas of models that are trained by it. */
  settings: S;
  of(config: Config): BoundTask;
}

/** A task whose functions are given its settings as their schema types them. */
export function sequenceTask<S extends z.ZodRawShape>(definition: {
  title: string;
  summary: string;
  settings: S;
  bind(settings: z.output<z.ZodObject<S>>): BoundTask;
}): SequenceTask<S> {
  const { title, summary, settings, bind } = definition;
  const schema = z.object(settings);
  return { title, summary, settings, of: (config) => bind(schema.parse(config)) };
}

/** A history with the first special token behind the last interaction of every row: one position more. */
export function maskBehind({ ids, lengths, ...others }: Tensors): Tensors {
  const longer = tf.pad(ids, [
    [0, 0],
    [0, 1],
  ]);
  const columns = tf.reshape(range(longer.shape[1] as number), [1, -1]);
  // Rows that stand for nobody have length 1 and no interaction.
  const isBehind = tf.equal(columns, tf.reshape(lengths, [-1, 1]));
  return {
    ...others,
    ids: longer,
    special: tf.cast(isBehind, 'int32'),
    lengths: tf.add(lengths, tf.scalar(1, 'int32')),
  };
}
