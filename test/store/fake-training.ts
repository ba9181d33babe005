/** What the fake trainer computes in place of training. */
export interface State {
  step: number;
  loss: number;
}

/** The next state of a fake training. */
export function nextState({ step, loss }: State): State {
  return { step: step + 1, loss: (loss * 31 + step + 1) % 1_000_003 };
}

export const FIRST_STATE: State = { step: 0, loss: 1 };
