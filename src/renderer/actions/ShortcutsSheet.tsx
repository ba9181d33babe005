import { create } from 'zustand';
import { Dialog } from '../components/Dialog.tsx';
import { shortcutLabel } from './keys.ts';
import { newestOf, useActions } from './registry.ts';

export const useShortcutsSheet = create<{ open: boolean }>(() => ({ open: false }));

/** As in the menu bar. */
const GROUPS = ['File', 'Edit', 'View', 'Go', 'Run', 'Help'] as const;

/** Every shortcut there is now, by group. */
export function ShortcutsSheet() {
  const { open } = useShortcutsSheet();
  const all = useActions((state) => state.actions);
  const actions = newestOf(all).filter(({ shortcut }) => shortcut !== undefined);
  const byGroup = Object.groupBy(actions, ({ group }) => group);
  const groups = GROUPS.map((group) => [group, byGroup[group] ?? []] as const).filter(
    ([, members]) => members.length > 0,
  );
  return (
    <Dialog
      title="Keyboard shortcuts"
      open={open}
      onClose={() => useShortcutsSheet.setState({ open: false })}
      width={760}
    >
      <div className="shortcuts">
        {groups.map(([group, members]) => (
          <section key={group}>
            <h2>{group}</h2>
            {members.map((action) => (
              <div key={action.id} className="menu-item row spread gap-4">
                <span>{action.label}</span>
                <kbd>{shortcutLabel(action.shortcut ?? '')}</kbd>
              </div>
            ))}
          </section>
        ))}
      </div>
    </Dialog>
  );
}
