/** Side features as a model reads them: inputs, tables, and the vectors that join those of the items. */
import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { type SideShape, sideInput } from '../data/side/types.ts';
import { gatherRows, int32, type Specs, type Tensors } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { embeddingTable, type ParameterSpecs, zeros } from '../layers/index.ts';
import type { BatchShape } from './step-model.ts';

export const sideFields = {
  sideFeatures: z
    .string()
    .describe(
      'Columns of the items or of the interactions, separated by commas, whose values join the vector of each past ' +
        'interaction; what is known of the interaction to predict is never read',
    )
    .default(''),
} as const;

/** What the names of the tables of columns begin with. */
export const SIDE_TABLE = 'side-embedding/';

const tableName = (name: string) => `${SIDE_TABLE}${name}`;

/** As `SequenceInputs` writes them. */
export function sideSpecs(columns: readonly SideShape[], { rows, length }: BatchShape): Specs {
  return Object.fromEntries(columns.map(({ name, width }) => [sideInput(name), int32(rows, length, width)]));
}

/** A vector for every code, zeros at first: a model begins as the one without side features. Row 0, no value, is never read. */
export function sideTables(columns: readonly SideShape[], dim: number): ParameterSpecs {
  const table = ({ values }: SideShape) => embeddingTable([values.length + 1, dim], zeros);
  return Object.fromEntries(columns.map((column) => [tableName(column.name), table(column)]));
}

/**
 * What joins the vector of each interaction: the sum over columns of the vector of its value, of a list the mean of its values'; nothing
 * where there is none. [rows, length, dim]; null without columns.
 */
export function sideVectors(
  columns: readonly SideShape[],
  parameters: Tensors,
  inputs: Tensors,
): Tensor | null {
  if (columns.length === 0) return null;
  return tf.addN(
    columns.map(({ name }) => valueVectors(parameters[tableName(name)], inputs[sideInput(name)])),
  );
}

/** table [codes, dim], codes int32 [rows, length, width] -> [rows, length, dim] */
function valueVectors(table: Tensor, codes: Tensor): Tensor {
  const present = tf.cast(tf.greater(codes, tf.scalar(0, 'int32')), 'float32');
  const vectors = tf.mul(gatherRows(table, codes), tf.expandDims(present, 3));
  if (codes.shape[2] === 1) return tf.squeeze(vectors, [2]);
  return tf.div(tf.sum(vectors, 2), tf.maximum(tf.sum(present, 2, true), 1));
}
