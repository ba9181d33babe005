/** What a pretrained model can be used for on a machine, and what is said of it first. */
import type { PlacedCard } from '../../../core/api/language.ts';
import { bytesText, capital } from '../../format/format.ts';

export interface ModelUse {
  name: string;
  trains: string;
  /** Bytes of memory. */
  bytes: number;
  /** Settings of its run, but for the model. */
  overrides: Record<string, unknown>;
  /** On its button. */
  action: string;
  /** Why it cannot be begun; null where it can. */
  problem: string | null;
}

/** A decoder is offered with its reason, too, where it cannot run. */
export function usesOf({ memory, memoryBytes }: PlacedCard): ModelUse[] {
  const of = (use: Omit<ModelUse, 'problem'>): ModelUse => ({
    ...use,
    problem: use.bytes > memoryBytes ? 'does not fit in memory' : null,
  });
  const adapters = { loraRank: 8, loraTargets: 'query,value', recomputeBlocks: true };
  return [
    of({
      ...{ name: 'Answers as it is', trains: 'nothing: it says yes or no', bytes: memory.scoring },
      ...{ action: 'Zero-shot run', overrides: { stage: 'fine-tuning', epochs: 0 } },
    }),
    of({
      ...{ name: 'LoRA', trains: 'rank 8, on queries and values', bytes: memory.adapters },
      ...{ action: 'Fine-tune', overrides: { stage: 'fine-tuning', ...adapters } },
    }),
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
