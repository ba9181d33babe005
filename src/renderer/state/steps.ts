/** Work of the api that reports its progress before it returns its result. */
export interface Steps<Progress, Result> {
  next(): Promise<IteratorResult<Progress, Result>>;
}

export async function resultOf<Progress, Result>(
  steps: Steps<Progress, Result>,
  onProgress: (progress: Progress) => void,
): Promise<Result> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
    onProgress(step.value);
  }
}
