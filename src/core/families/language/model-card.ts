/** What a pretrained model is, before anything is trained: its layout, its sizes, and what it takes. */
import { basename } from 'node:path';
import { Decoder, type DecoderConfig } from '../../decoders/decoder.ts';
import { modelNames } from '../../decoders/pretrained/adapter-base.ts';
import { type Checkpoint, openCheckpoint, requireWhole } from '../../decoders/pretrained/checkpoint.ts';
import { pretrainedTokenizer } from '../../decoders/pretrained/pretrained-tokenizer.ts';
import { TextTokenizer } from '../../decoders/text/tokenizer.ts';
import { sizeOf } from '../../engine/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import { type ModelMemory, modelMemory } from './model-memory.ts';

/** Where the numbers of a model are. */
export type CardArea = 'words' | 'attention' | 'feed-forward' | 'other';

export interface ModelCard {
  name: string;
  path: string;
  /** What its own files call it; null where they say nothing. */
  stated: string | null;
  /** As its files name it. */
  architecture: string;
  sizes: Pick<
    DecoderConfig,
    'vocabulary' | 'dim' | 'blocks' | 'heads' | 'kvHeads' | 'headDim' | 'ffnDim' | 'context' | 'experts'
  >;
  parameters: number;
  areas: Record<CardArea, number>;
  /** Parameters by the type of number that the files have, most first. */
  types: { name: string; parameters: number }[];
  /** Why it cannot be used; null where it can. */
  tokenizer: { tokens: number; chat: boolean } | { problem: string };
  memory: ModelMemory;
}

/**
 * The card of a checkpoint, for rows of `context` tokens.
 * @throws UserError where it is none, or one that this decoder does not compute exactly
 */
export function readModelCard(path: string, context = 512): ModelCard {
  const checkpoint = openCheckpoint(path, context);
  requireWhole(checkpoint);
  const { config, architecture } = checkpoint;
  const decoder = new Decoder(config);
  const { vocabulary, dim, blocks, heads, kvHeads, headDim, ffnDim, experts } = config;
  const areas: ModelCard['areas'] = { words: 0, attention: 0, 'feed-forward': 0, other: 0 };
  for (const [name, { shape }] of Object.entries(decoder.parameters)) areas[areaOf(name)] += sizeOf(shape);
  const parameters = Object.values(areas).reduce((sum, count) => sum + count, 0);
  return {
    ...{ name: basename(path).replace(/\.gguf$/, ''), path, architecture, parameters, areas },
    stated: modelNames(path).stated[0] ?? null,
    sizes: {
      ...{ vocabulary, dim, blocks, heads, kvHeads, headDim, ffnDim, experts },
      context: checkpoint.longest,
    },
    types: typesOf(checkpoint),
    tokenizer: tokenizerOf(path, config),
    memory: modelMemory(config),
  };
}

function areaOf(name: string): CardArea {
  if (name === 'embedding' || name === 'head') return 'words';
  if (/\/(ffn|router)\//.test(name)) return 'feed-forward';
  return /\/(query|key|value|out)\//.test(name) ? 'attention' : 'other';
}

function typesOf({ tensors }: Checkpoint): ModelCard['types'] {
  const counts = new Map<string, number>();
  for (const [name, shape] of Object.entries(tensors.shapes)) {
    const type = tensors.typeOf(name);
    counts.set(type, (counts.get(type) ?? 0) + sizeOf([...shape]));
  }
  return [...counts]
    .map(([name, parameters]) => ({ name, parameters }))
    .sort((a, b) => b.parameters - a.parameters);
}

function tokenizerOf(path: string, { vocabulary }: DecoderConfig): ModelCard['tokenizer'] {
  try {
    const { file, special, chat } = pretrainedTokenizer(path);
    const { size } = new TextTokenizer(file, path, special);
    if (size > vocabulary)
      return { problem: `it has ${size} tokens, and the model ${vocabulary}: they do not belong together` };
    return { tokens: size, chat: chat !== null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { problem: messageOf(error) };
  }
}
