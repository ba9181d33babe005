/** Sizes of a decoder as runs keep them in a file. */
import { z } from 'zod';
import { DECODER_MATRICES } from '../layers/index.ts';

const whole = z.number().int().positive();

/** Sizes of a decoder, as `DecoderConfig` has them. */
export const decoderSchema = z.object({
  vocabulary: whole,
  dim: whole,
  blocks: whole,
  heads: whole,
  kvHeads: whole,
  headDim: whole,
  ffnDim: whole,
  tiedHead: z.boolean(),
  ropeTheta: z.number().positive(),
  ropeAngles: z.array(z.number()).readonly().optional(),
  normEpsilon: z.number().positive(),
  context: whole,
  biases: z.array(z.enum(DECODER_MATRICES)).readonly().optional(),
  headNorms: z.boolean().optional(),
  windows: z.array(whole.nullable()).readonly().optional(),
  experts: z.object({ count: whole, used: whole, balance: z.number().nonnegative() }).optional(),
});
