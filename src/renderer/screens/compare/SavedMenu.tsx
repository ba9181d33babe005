import { Bookmark } from 'lucide-react';
import { Button } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Menu } from '../../components/Menu.tsx';
import { type SavedComparison, savedOf, useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { offerUndo } from '../../state/toasts.ts';
import { type CompareRoute, goToComparison } from './compare-route.ts';

interface SavedMenuProps {
  route: CompareRoute;
  onSave(): void;
}

/** The saved comparisons to go to, and to save the one that is shown. */
export function SavedMenu({ route, onSave }: SavedMenuProps) {
  const [all, setAll] = useSavedComparisons();
  const current = savedOf(all, route.runs);
  const deleteComparison = ({ name }: SavedComparison) => {
    setAll(all.filter((one) => one.name !== name));
    offerUndo(`Deleted the comparison ${name}`, 'The comparison stays deleted', async () => setAll(all));
  };
  return (
    <Menu
      trigger={
        <Button aria-label="Saved comparisons">
          <Icon of={Bookmark} />
          {current?.name ?? 'Saved'}
        </Button>
      }
      choices={[
        ...all.map(({ name, runs, baseline, metrics }) => ({
          label: name,
          perform: () => goToComparison({ ...route, runs, baseline, metrics }),
        })),
        ...(all.length > 0 ? [null] : []),
        {
          label: current ? 'Edit name and conclusion' : 'Save this comparison',
          enabled: () => route.runs.length > 0,
          perform: onSave,
        },
        ...(current ? [{ label: `Delete ${current.name}`, perform: () => deleteComparison(current) }] : []),
      ]}
    />
  );
}
