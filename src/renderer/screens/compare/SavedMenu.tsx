import { Bookmark } from 'lucide-react';
import { deleting } from '../../../core/api/changes.ts';
import type { SavedComparison } from '../../../core/api/comparisons.ts';
import type { Action } from '../../actions/action.ts';
import { Button } from '../../components/Button.tsx';
import { Menu } from '../../components/Menu.tsx';
import { DELETED_MS } from '../../runs/deletion.tsx';
import { savedOf, useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { change } from '../../state/deeds.ts';
import { type CompareRoute, goToComparison } from './compare-route.ts';

interface SavedMenuProps {
  route: CompareRoute;
  onSave(): void;
}

const action = (id: string, label: string, perform: () => unknown): Action => ({
  ...{ id: `comparisons.${id}`, label, group: 'File', perform: () => void perform() },
});

/** The saved comparisons to go to, and to save the one that is shown. */
export function SavedMenu({ route, onSave }: SavedMenuProps) {
  const all = useSavedComparisons();
  const current = savedOf(all, route.runs);
  return (
    <Menu
      trigger={
        <Button icon={Bookmark} aria-label="Saved comparisons">
          {current?.name ?? 'Saved'}
        </Button>
      }
      choices={[
        ...all.map(({ name, runs, baseline, metrics, labels }) => ({
          label: name,
          perform: () => goToComparison({ ...route, runs, baseline, metrics, labels }),
        })),
        ...(all.length > 0 ? [null] : []),
        {
          ...action('save', current ? 'Edit name and conclusion' : 'Save this comparison', onSave),
          enabled: () => route.runs.length > 0,
        },
        ...(current
          ? [{ ...action('delete', `Delete ${current.name}`, () => deleteComparison(current)), verb: 'delete' }]
          : []),
      ]}
    />
  );
}

function deleteComparison({ id, name }: SavedComparison): Promise<boolean> {
  const what = `the comparison ${name}`;
  const words = { label: `deletion of ${what}`, title: `Deleted ${what}`, ms: DELETED_MS };
  return change('Could not delete the comparison', words, [deleting('comparison', [id])]);
}
