import { expect, it } from 'vitest';
import { someRuns } from '../../../../../test/reports/runs.ts';
import { compareRuns } from '../comparison.ts';
import { reproductionSection } from './reproduction.ts';

it('calls what is not trained again as its rows are called, with the seed where there are several', () => {
  const comparison = compareRuns(someRuns(), { resamples: 100, names: 'short', metrics: ['ndcg@10'] });
  const several = comparison.rows.find(({ runs }) => runs.length > 1);
  const alone = comparison.rows.find(({ runs }) => runs.length === 1);
  const left = [several?.runs[1], alone?.runs[0]].map((run) => ({
    run: run?.id ?? '',
    reason: 'it rests on x',
  }));
  const reproduction = { datasets: [], commands: [], references: {}, left };
  const [{ blocks }] = reproductionSection({ ...comparison, reproduction });
  const said = (blocks ?? []).flatMap((block) => ('facts' in block ? block.facts : []));
  expect(said).toEqual(
    expect.arrayContaining([
      [`${several?.name}, seed ${several?.runs[1].seed}`, 'not trained again: it rests on x'],
      [alone?.name, 'not trained again: it rests on x'],
    ]),
  );
  expect(several?.name).not.toBe(several?.runs[1].name);
});
