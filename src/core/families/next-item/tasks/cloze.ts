import { z } from 'zod';
import type { RowTask } from '../../../data/batches/row-task.ts';
import { field } from '../../../training/config.ts';
import { maskBehind, sequenceTask } from './task.ts';

/**
 * Masked items are predicted from those around them; to recommend, a mask is put behind the history (Sun et al. 2019, section
 * 3.6). As in the released code (gen_data_fin.py) a row has a fixed share of its items masked, at least one, or its last item alone.
 */
export const cloze = sequenceTask({
  title: 'Cloze',
  summary: 'masked items are predicted from those around them',
  settings: {
    maskShare: z
      .number()
      .gt(0)
      .max(1)
      .describe('Share of the items of a training row that are masked, and predicted')
      .default(0.2),
    lastShare: field
      .fraction(
        'Share of the training rows with their last item alone masked, as in scoring; one in eleven in the released code of BERT4Rec',
      )
      .default(0.09),
  },
  bind: ({ maskShare, lastShare }) => ({
    causal: false,
    tokens: ['mask'],
    rows: masking((length) => Math.max(1, Math.round(length * maskShare)), lastShare),
    scored: maskBehind,
  }),
});

function masking(questions: RowTask['questions'], lastShare: number): RowTask {
  return {
    added: 1,
    questions,
    ask: ({ ids, special }, random) => {
      const last = ids.length - 1;
      const hidden =
        random.uniform() < lastShare ? [last] : random.order(ids.length).subarray(0, questions(ids.length));
      for (let i = 0; i < hidden.length; i++) {
        ids[hidden[i]] = 0;
        special[hidden[i]] = 1;
      }
      return hidden;
    },
  };
}
