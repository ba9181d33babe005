/** What a pretrained model can be used for on a machine, and what is said of it first. */
import type { PlacedCard, RunOfModel } from '../../../core/api/language.ts';
import { bytesText, capital } from '../../format/format.ts';

export interface ModelUse {
  name: string;
  trains: string;
  /** Bytes of memory; null where they depend on what is chosen first. */
  bytes: number | null;
  model: 'brew' | 'lc-rec' | 'rewarded';
  /** Settings of its run, but for the pretrained model. */
  overrides: Record<string, unknown>;
  /** On its button. */
  action: string;
  /** Why it cannot be begun; null where it can. */
  problem: string | null;
}

/** A decoder is offered with its reason, too, where it cannot run. `runs`: those that began with it, newest first. */
export function usesOf({ memory, memoryBytes }: PlacedCard, runs: readonly RunOfModel[] = []): ModelUse[] {
  const of = (use: Omit<ModelUse, 'problem'>, least = use.bytes ?? 0): ModelUse => ({
    ...use,
    problem: least > memoryBytes ? 'does not fit in memory' : null,
  });
  const withIds = runs.find(({ model, status }) => model === 'lc-rec' && status === 'completed');
  const adapters = { loraRank: 8, loraTargets: 'query,value', recomputeBlocks: true };
  return [
    of({
      ...{ name: 'Answers as it is', trains: 'nothing: it says yes or no', bytes: memory.scoring },
      ...{ model: 'brew', action: 'Zero-shot run', overrides: { stage: 'fine-tuning', epochs: 0 } },
    }),
    of({
      ...{ name: 'LoRA', trains: 'rank 8, on queries and values', bytes: memory.adapters },
      ...{ model: 'brew', action: 'Fine-tune', overrides: { stage: 'fine-tuning', ...adapters } },
    }),
    of(
      {
        ...{ name: 'Semantic IDs as words', trains: 'codes, and LoRA', bytes: null },
        ...{
          model: 'lc-rec',
          action: 'Choose a tokeniser',
          overrides: { loraRank: 8, recomputeBlocks: true },
        },
      },
      memory.scoring,
    ),
    {
      ...of(
        {
          ...{ name: 'Rewarded', trains: 'a run with IDs', bytes: null, model: 'rewarded' },
          ...{ action: 'Choose a reward', overrides: { policy: withIds?.id } },
        },
        memory.scoring,
      ),
      ...(withIds ? {} : { problem: 'needs a run with IDs' }),
    },
  ];
}

export function statementOf(card: PlacedCard): { fact: string; limit: string } {
  const { memory, memoryBytes, tokenizer } = card;
  const architecture = capital(card.architecture);
  const all = bytesText(memoryBytes);
  const scores = `scores in ${bytesText(memory.scoring)}`;
  if ('problem' in tokenizer)
    return {
      fact: `${architecture} without its tokenizer`,
      limit: ': a run from it must be told a tokenizer.json',
    };
  if (memory.scoring > memoryBytes)
    return { fact: `${architecture} that does not fit`, limit: `: ${scores}, of ${all}` };
  const tunes = bytesText(memory.adapters);
  return memory.adapters > memoryBytes
    ? {
        fact: `${architecture} that answers as it is`,
        limit: `: ${scores}; fine-tuning takes ${tunes}, more than the ${all} here`,
      }
    : { fact: `${architecture} that fits`, limit: `: ${scores}, fine-tunes in ${tunes} of ${all}` };
}
