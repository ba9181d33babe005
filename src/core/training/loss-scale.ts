/** Dynamic loss scaling (Micikevicius et al. 2018, section 3.2), as trainings with float16 products need it. */
import { z } from 'zod';
import { diverged } from '../evaluation/diverged.ts';

export const lossScaleSchema = z.object({
  /** A power of two: scaling by it and back is exact. */
  scale: z.number().positive(),
  /** Steps since the scale last changed. */
  goodSteps: z.number().int().nonnegative(),
  /** Steps that were left out, of all. */
  leftOut: z.number().int().nonnegative(),
});

export type LossScaleState = z.output<typeof lossScaleSchema>;

const FIRST_SCALE = 2 ** 16;
/** At it a gradient is too large by itself. */
const LOWEST_SCALE = 1;
/** Good steps before the scale is doubled. */
export const GOOD_STEPS = 2000;

export class LossScale {
  state: LossScaleState = { scale: FIRST_SCALE, goodSteps: 0, leftOut: 0 };

  /** After optimiser step `step`. Throws UserError where a step is left out at the lowest scale. */
  stepped(step: number, leftOut: boolean): void {
    const { scale, goodSteps, leftOut: before } = this.state;
    if (!leftOut) {
      const doubles = goodSteps + 1 === GOOD_STEPS;
      this.state = {
        ...this.state,
        scale: doubles ? 2 * scale : scale,
        goodSteps: doubles ? 0 : goodSteps + 1,
      };
      return;
    }
    if (scale <= LOWEST_SCALE) {
      throw diverged(
        `the gradients are not finite at step ${step}, at the lowest loss scale`,
        'try a lower learningRate, or precision=float32',
      );
    }
    this.state = { scale: scale / 2, goodSteps: 0, leftOut: before + 1 };
  }
}
