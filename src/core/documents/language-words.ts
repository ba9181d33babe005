import type { LanguageEvaluation } from '../evaluation/language-evaluation.ts';
import { countText, withCommas as grouped } from '../names.ts';

/** Whom an evaluation asked and beside whom, in one sentence. */
export function askedText({ asked }: Pick<LanguageEvaluation, 'asked'>): string {
  if (asked === null) return 'Whom it asked was not recorded.';
  const { users, ofUsers, fewerUsers, candidates, retriever, against } = asked;
  const all =
    users === ofUsers ? `all ${grouped(users)} users` : `${grouped(users)} of ${grouped(ofUsers)} users`;
  const lists = [
    ...(candidates > 0 ? [`${countText(candidates, 'drawn candidate')}`] : []),
    ...(retriever === null ? [] : [`the best items of ${retriever}`]),
  ];
  const parts = [
    `Asked ${all}, for the other tests ${grouped(fewerUsers)}`,
    lists.length > 0 ? `ranked ${lists.join(' and ')} again` : 'ranked no candidates',
    against.length > 0 ? `beside ${against.join(', ')}` : 'beside no other run',
  ];
  return `${parts.join('; ')}.`;
}
