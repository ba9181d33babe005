import { Bookmark } from 'lucide-react';
import { deleting } from '../../../core/api/changes.ts';
import type { SavedComparison } from '../../../core/api/comparisons.ts';
import { menuAction } from '../../actions/action.ts';
import { Button } from '../../components/Button.tsx';
import { Menu } from '../../components/Menu.tsx';
import { savedOf, useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { change } from '../../state/deeds.ts';
import { type CompareRoute, goToComparison } from './compare-route.ts';

/** The saved comparisons to go to, and to save the one that is shown. */
export function SavedMenu({ route, onSave }: { route: CompareRoute; onSave(): void }) {
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
        menuAction(
          'comparisons.save',
          'File',
          current ? 'Edit name and conclusion' : 'Save this comparison',
          onSave,
          {
            enabled: () => route.runs.length > 0,
          },
        ),
        ...(current
          ? [
              menuAction(
                'comparisons.delete',
                'File',
                `Delete ${current.name}`,
                () => deleteComparison(current),
                { verb: 'delete' },
              ),
            ]
          : []),
      ]}
    />
  );
}

function deleteComparison({ id, name }: SavedComparison): Promise<boolean> {
  const what = `the comparison ${name}`;
  const words = { label: `deletion of ${what}`, title: `Deleted ${what}` };
  return change('Could not delete the comparison', words, [deleting('comparison', [id])]);
}
