/** A trained model as ONNX, for programs that run it elsewhere. */
import {
  anyBatchModel,
  BATCH,
  type HostArrays,
  type Program,
  type Specs,
  type WeightsFile,
} from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { readSafetensors } from '../files/safetensors.ts';
import type { Config } from '../training/config.ts';
import type { TrainSpec } from '../training/events.ts';

/** An input or output; the first axis of every one is the batch. */
export interface GraphPort {
  name: string;
  type: string;
  shape: readonly (number | string)[];
  meaning: string;
}

export interface ExportedGraph {
  /** Name of its file. */
  file: string;
  bytes: Uint8Array;
  inputs: GraphPort[];
  outputs: GraphPort[];
}

export interface ExportedModel {
  graphs: ExportedGraph[];
  /** The parameters of all of them, where they are not inside. */
  weights?: WeightsFile;
  /** What else a caller has to know, for `inputs.json`. */
  facts: Record<string, unknown>;
  /** Text files by name: vocabularies and the example. */
  files: Record<string, string>;
}

export interface ModelExportRequest {
  config: Config;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
  datasetDir: string;
  /** The runs that the config names. */
  sources?: TrainSpec['sources'];
}

/** A file of a graph holds less than 2 GiB. */
const LARGEST = 2 ** 31;

/** Values of these parameters. Throws UserError where the checkpoint is of another model. */
export function exportedParameters(checkpoint: string, specs: Specs): HostArrays {
  const tensors = readSafetensors(checkpoint, {}, (name) => Object.hasOwn(specs, name));
  const wrong = Object.keys(specs).find(
    (name) => tensors[name]?.spec.shape.join() !== specs[name].shape.join(),
  );
  if (wrong !== undefined)
    throw new UserError(
      `${checkpoint}: tensor "${wrong}" does not fit; the checkpoint is of another model or data set`,
    );
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

/**
 * The graph of a program; `meanings` of its inputs and outputs by name. Its parameters are inside, or in `weights`.
 * Throws UserError where they are too large for a file of ONNX.
 */
export function exportedGraph(
  file: string,
  programOf: (rows: number) => Program,
  parameters: HostArrays,
  meanings: Readonly<Record<string, string>>,
  weights?: WeightsFile,
): ExportedGraph {
  const size = Object.values(parameters).reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (!weights && size >= LARGEST)
    throw new UserError(
      `the model has ${(size / 2 ** 30).toFixed(1)} GiB of parameters, and an ONNX file holds less than 2 GiB`,
    );
  const { bytes, outputs } = anyBatchModel(programOf, parameters, weights);
  const ports = (specs: Specs): GraphPort[] =>
    Object.entries(specs).map(([name, { dtype, shape }]) => {
      return { name, type: dtype, shape: [BATCH, ...shape.slice(1)], meaning: meanings[name] };
    });
  return { file, bytes, inputs: ports(programOf(1).inputs), outputs: ports(outputs) };
}
