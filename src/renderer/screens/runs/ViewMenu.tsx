import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { menuAction } from '../../actions/action.ts';
import { Button } from '../../components/Button.tsx';
import { Menu } from '../../components/Menu.tsx';
import { InlineName } from '../../runs/InlineName.tsx';
import { DEFAULT_VIEW, type RunsView, type ShownView, viewQuery } from '../../runs/table/runs-view.ts';
import { keepView, useOwnColumns, useSavedViews } from './use-runs-view.ts';

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
            ? [
                menuAction('views.delete', 'View', `Delete view ${current.name}`, () =>
                  keepView(current.name, null),
                ),
              ]
            : []),
        ]}
      />
      {naming && (
        <span>
          <InlineName
            of="view"
            name=""
            label="Name of the view"
            onDone={(name) => {
              setNaming(false);
              if (name !== null) keepView(name, shown);
            }}
          />
        </span>
      )}
    </>
  );
}
