import type { Protocol } from './types.ts';

/** Names of the labels that a result predicts, the main one first; null where it predicts none. */
export function tasksOf(protocol: Protocol | null | undefined): readonly string[] | null {
  if (protocol?.task === 'language') return [protocol.question];
  return protocol?.task === 'ranking' ? protocol.tasks : null;
}
