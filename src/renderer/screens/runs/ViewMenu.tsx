import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Menu } from '../../components/Menu.tsx';
import { offerUndo } from '../../state/toasts.ts';
import { DEFAULT_VIEW, type RunsView, type SavedView, useSavedViews } from './runs-view.ts';

interface ViewMenuProps {
  view: RunsView;
  onView(view: RunsView): void;
}

/** Views under names: columns, filters, sort and groups as one. */
export function ViewMenu({ view, onView }: ViewMenuProps) {
  const [saved, setSaved] = useSavedViews();
  const [naming, setNaming] = useState(false);
  const text = JSON.stringify(view);
  const current = saved.find((entry) => JSON.stringify(entry.view) === text);
  const deleteView = (name: string) => {
    setSaved(saved.filter((entry) => entry.name !== name));
    offerUndo(`Deleted the view ${name}`, 'The view stays deleted', async () => setSaved(saved));
  };
  return (
    <>
      <Menu
        trigger={
          <Button aria-label="Views">
            <Icon of={Bookmark} />
            {current ? `View: ${current.name}` : 'Views'}
          </Button>
        }
        choices={[
          ...saved.map(({ name, view: stored }) => ({ label: name, perform: () => onView(stored) })),
          ...(saved.length > 0 ? [null] : []),
          { label: 'Default view', perform: () => onView(DEFAULT_VIEW) },
          { label: 'Save view as', perform: () => setNaming(true) },
          ...(current
            ? [{ label: `Delete view ${current.name}`, perform: () => deleteView(current.name) }]
            : []),
        ]}
      />
      {naming && (
        <SaveViewDialog
          saved={saved}
          onSave={(name) => {
            setSaved([...saved.filter((entry) => entry.name !== name), { name, view }]);
          }}
          onClose={() => setNaming(false)}
        />
      )}
    </>
  );
}

interface SaveViewDialogProps {
  saved: readonly SavedView[];
  onSave(name: string): void;
  onClose(): void;
}

function SaveViewDialog({ saved, onSave, onClose }: SaveViewDialogProps) {
  const [name, setName] = useState('');
  const replaces = saved.some((entry) => entry.name === name.trim());
  return (
    <FormDialog
      title="Save view"
      width={400}
      submit="Save"
      failure="Could not save the view"
      ready={name.trim() !== ''}
      onSubmit={() => onSave(name.trim())}
      onClose={onClose}
    >
      <TextField
        label="Name"
        help={
          replaces
            ? 'Replaces the existing view with this name.'
            : 'Columns, filters, sort and groups as they are now.'
        }
        autoFocus
        value={name}
        onValue={setName}
      />
    </FormDialog>
  );
}
