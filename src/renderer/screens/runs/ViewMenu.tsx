import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { menuAction } from '../../actions/action.ts';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { Menu } from '../../components/Menu.tsx';
import { useForm } from '../../components/use-form.ts';
import { DEFAULT_VIEW, type RunsView, type ShownView, viewQuery } from '../../runs/table/runs-view.ts';
import { keepView, type SavedView, useOwnColumns, useSavedViews } from './use-runs-view.ts';

interface ViewMenuProps {
  view: RunsView;
  /** With what the view leaves to the runs, which a saved one does not. */
  shown: ShownView;
  onView(view: RunsView): void;
}

/** What a view keeps: folding of single groups and rows is of the moment. */
const textOf = (view: RunsView) => JSON.stringify(viewQuery({ ...view, closed: [], open: [] }));

/** Views under names: columns, filters, sort and groups as one. */
export function ViewMenu({ view, shown, onView }: ViewMenuProps) {
  const saved = useSavedViews();
  const [own, setOwn] = useOwnColumns();
  const [naming, setNaming] = useState(false);
  const [last, setLast] = useState<string | null>(null);
  const current = saved.find((entry) => [textOf(view), textOf(shown)].includes(textOf(entry.view)));
  const shownName = current?.name ?? saved.find(({ name }) => name === last)?.name;
  const deleteView = (deleted: SavedView) => {
    const title = `Deleted the view ${deleted.name}`;
    void keepView(
      'Could not delete the view',
      { label: `deletion of the view ${deleted.name}`, title },
      deleted.name,
      null,
    );
  };
  return (
    <>
      <Menu
        trigger={
          <Button icon={Bookmark} kind="quiet" aria-label="Views">
            {shownName ?? 'Views'}
            {shownName && !current && <span className="changed-tile" title="Changed since it was saved" />}
          </Button>
        }
        choices={[
          ...saved.map(({ name, view: stored }) => ({
            label: name,
            perform: () => {
              setLast(name);
              onView(stored);
            },
          })),
          ...(saved.length > 0 ? [null] : []),
          {
            label: 'Default view',
            perform: () => {
              setOwn({ ...own, columns: null });
              onView(DEFAULT_VIEW);
            },
          },
          menuAction('views.save', 'View', 'Save view as', () => setNaming(true)),
          ...(current
            ? [menuAction('views.delete', 'View', `Delete view ${current.name}`, () => deleteView(current))]
            : []),
        ]}
      />
      {naming && (
        <SaveViewDialog
          saved={saved}
          onSave={(name) => {
            void keepView('Could not save the view', { label: `saving of the view ${name}` }, name, shown);
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

const draft = z.object({ name: z.string().trim().min(1) });

function SaveViewDialog({ saved, onSave, onClose }: SaveViewDialogProps) {
  const { field, values, ...form } = useForm('view', draft, { name: '' });
  const replaces = saved.some(({ name }) => name === values?.name);
  return (
    <FormDialog
      title="Save view"
      width={400}
      submit="Save"
      failure="Could not save the view"
      ready={values !== null}
      draft={form}
      onSubmit={() => values && onSave(values.name)}
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
        {...field('name')}
        problem={null}
      />
    </FormDialog>
  );
}
