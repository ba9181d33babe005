/** What words in heads and headlines mean: the program says it, the kit shows it at the pointer. */
type Explain = (label: string) => string | undefined;

let explain: Explain = () => undefined;

export function explainWith(next: Explain): void {
  explain = next;
}

export const meaningOf: Explain = (label) => explain(label);
