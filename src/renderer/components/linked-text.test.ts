import { expect, it } from 'vitest';
import { textParts } from './LinkedText.tsx';

it('finds addresses without the sentence around them', () => {
  expect(textParts('See https://arxiv.org/abs/2508.06450, then (http://a.org/x?y=1#z).\nDone')).toEqual([
    { text: 'See ' },
    { text: 'https://arxiv.org/abs/2508.06450', href: 'https://arxiv.org/abs/2508.06450' },
    { text: ', then (' },
    { text: 'http://a.org/x?y=1#z', href: 'http://a.org/x?y=1#z' },
    { text: ').\nDone' },
  ]);
  expect(textParts('javascript:alert(1) no link')).toEqual([{ text: 'javascript:alert(1) no link' }]);
  expect(textParts('')).toEqual([]);
});
