import type { ComparedRow, ComparisonView } from '../../../core/api/compare.ts';
import { Button } from '../../components/Button.tsx';
import { CheckMenu } from '../../components/CheckMenu.tsx';
import { useRowColours } from '../../runs/comparison/colours.ts';
import { RecommendationsView } from '../../runs/recommendations/RecommendationsView.tsx';
import { MAX_RUNS } from '../../runs/recommendations/shown-runs.ts';
import { useCompareRoute } from './compare-route.ts';

/** Id of the view. */
export const RECOMMENDATIONS = 'recommendations';
const FIRST_SHOWN = 2;

/** Rows whose models rank items, of the data set that the first of them is of. */
export function recommending({ rows, protocols }: ComparisonView): ComparedRow[] {
  const ranked = rows.filter(({ dataset, protocol: at }) => {
    const { protocol } = protocols[at];
    return dataset !== null && protocol !== null && protocol.task === undefined;
  });
  return ranked.filter(({ dataset }) => dataset === ranked[0].dataset);
}

/** What up to three rows recommend to one user; of several seeds the first. */
export function RecommendationsTab({ view }: { view: ComparisonView }) {
  const [{ look }, change] = useCompareRoute();
  const colours = useRowColours(view);
  const rows = recommending(view);
  const named = rows.filter(({ id }) => (look.shown ?? '').split(',').includes(id));
  const shown = named.length > 0 ? named.slice(0, MAX_RUNS) : rows.slice(0, FIRST_SHOWN);
  const decoding = view.configs.find(({ key }) => key === 'decoding')?.values ?? [];
  return (
    <RecommendationsView
      dataset={rows[0].dataset ?? ''}
      runs={shown.map((row) => ({
        id: row.id,
        name: row.name,
        colour: colours.get(row.id) ?? '',
        generates: (decoding[view.rows.indexOf(row)] ?? null) !== null,
        protocol: row.protocol,
      }))}
      look={look}
      onLook={(changes) => change({ look: { ...look, ...changes } })}
    >
      <CheckMenu
        trigger={<Button>Runs</Button>}
        options={rows.map(({ id, name }) => ({ id, label: name }))}
        checked={shown.map(({ id }) => id)}
        most={MAX_RUNS}
        onChange={(ids) => change({ look: { ...look, shown: ids.join(',') } })}
      />
    </RecommendationsView>
  );
}
