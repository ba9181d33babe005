import { Ellipsis } from 'lucide-react';
import type { Action } from '../../actions/action.ts';
import { Button } from '../../components/Button.tsx';
import { confirmed } from '../../components/Confirm.tsx';
import { Menu } from '../../components/Menu.tsx';
import { bytesText } from '../../format/format.ts';
import { client } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';
import { attempt, notify } from '../../state/toasts.ts';

/** Removes what no run needs there, or all of Tessera's files. */
export function cleanHost(name: string, all: boolean): Promise<boolean> {
  return attempt(`Could not clean ${name}`, async () => {
    const { freedBytes } = await client.hosts.clean({ name, all });
    notify({ level: 'info', title: `Freed ${bytesText(freedBytes)} on ${name}` });
  });
}

const action = (id: string, label: string, short: string, perform: () => Promise<unknown>): Action => ({
  ...{ id: `machine.${id}`, label, short, group: 'Edit', perform: () => void perform() },
  verb: id,
});

/** What can be done with a host and what is on it. */
export function HostMenu({ name }: { name: string }) {
  const cleanAll = async () => {
    const body = `The program, data sets and all else in Tessera's folder on ${name} will be removed; local data is kept.`;
    if (await confirmed({ title: `Remove all files on ${name}?`, body, action: 'Remove files' }))
      await cleanHost(name, true);
  };
  const remove = async () => {
    const body = 'Its files there stay.';
    if (!(await confirmed({ title: `Remove ${name}?`, body, action: 'Remove' }))) return;
    if (await attempt(`Could not remove ${name}`, () => client.hosts.remove({ name }))) goTo('machines');
  };
  return (
    <Menu
      trigger={<Button icon={Ellipsis} kind="quiet" aria-label={`More for ${name}`} title="More" />}
      choices={[
        action('clean', `Clean up what no run needs on ${name}`, 'Clean up what no run needs', () =>
          cleanHost(name, false),
        ),
        action('empty', `Remove all files on ${name}`, 'Remove all files there', cleanAll),
        null,
        action('remove', `Remove the machine ${name}`, 'Remove machine', remove),
      ]}
    />
  );
}
