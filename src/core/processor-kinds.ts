/** Kinds of CPU: programs compute the same bits on one kind, and other last digits on another. */
export interface Processor {
  model: string;
  /** Instruction sets that kernels are chosen by, such as "avx2 avx512f fma"; empty where nobody noted them. */
  instructions: string;
}

export function isSameKind(a: Processor, b: Processor): boolean {
  const noted = a.instructions !== '' && b.instructions !== '';
  return a.model === b.model && (!noted || a.instructions === b.instructions);
}

/** As the environment of a run has it; null for one that does not say. */
export function processorOf(environment: Readonly<Record<string, string | number>> | null | undefined) {
  const { cpu, instructions = '' } = environment ?? {};
  return cpu === undefined ? null : { model: String(cpu), instructions: String(instructions) };
}

/** Each by its model, and where others have the same, by its instructions too. */
export function processorNames(kinds: readonly Processor[]): string[] {
  return kinds.map(({ model, instructions }) =>
    kinds.some((other) => other.model === model && other.instructions !== instructions)
      ? `${model} with ${instructions || 'unknown instructions'}`
      : model,
  );
}
