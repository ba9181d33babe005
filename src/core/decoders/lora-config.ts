/** Settings of low-rank changes to a decoder, of every model that trains one. Descriptions become help and form labels. */
import { z } from 'zod';
import { DECODER_MATRICES, type DecoderMatrix } from '../layers/index.ts';
import { field } from '../training/config.ts';
import type { Adapters } from './decoder.ts';

export const loraFields = {
  loraRank: field
    .nonNegativeInt('Rank of trained changes to frozen matrices; 0 trains every parameter')
    .default(0),
  loraAlpha: field.positive('The changes count alpha / rank').default(16),
  loraTargets: z
    .string()
    .describe(
      `Matrices of every block with such changes, separated by commas, or all: ${DECODER_MATRICES.join(', ')}`,
    )
    .default('all'),
  recomputeBlocks: z
    .boolean()
    .describe('The backward pass makes each block again: a third more time, and the memory of one block')
    .default(false),
} as const;

type LoraConfig = Pick<
  z.output<ReturnType<typeof z.object<typeof loraFields>>>,
  'loraRank' | 'loraAlpha' | 'loraTargets'
>;

/** For `refine`: each matrix is named once, and there is no other. */
export const loraTargetsRule = [
  ({ loraTargets }: Pick<LoraConfig, 'loraTargets'>) =>
    loraTargets === 'all' || targetsOf(loraTargets).length === loraTargets.split(',').length,
  {
    path: ['loraTargets'],
    message: `must be all, or some of ${DECODER_MATRICES.join(', ')}, each once`,
  },
] satisfies [unknown, unknown];

export function adaptersOf({ loraRank, loraAlpha, loraTargets }: LoraConfig): Adapters | null {
  return loraRank === 0 ? null : { rank: loraRank, alpha: loraAlpha, targets: targetsOf(loraTargets) };
}

function targetsOf(text: string): DecoderMatrix[] {
  const names = text.split(',').map((name) => name.trim());
  return DECODER_MATRICES.filter((matrix) => text === 'all' || names.includes(matrix));
}
