import { expect, it } from 'vitest';
import { textWidth, truncatedApart } from './text.ts';

it('cuts texts that begin alike at their beginning, so that what differs stays', () => {
  const names = [64, 128, 256].map((dim) => `sasrec-beauty-leave-last-out-dim${dim}, 3 seeds`);
  const cut = truncatedApart(names, 120);
  expect(cut).toEqual(['…dim64, 3 seeds', '…dim128, 3 seeds', '…dim256, 3 seeds']);
  for (const text of cut) expect(textWidth(text)).toBeLessThanOrEqual(120);
  expect(truncatedApart(['SASRec', 'HSTU', ...names], 120)).toEqual(['SASRec', 'HSTU', ...cut]);
  expect(truncatedApart(['a long name of a run, once', 'a long name of a run, once'], 60)).toHaveLength(2);
});
