import { menuAction } from '../../actions/action.ts';
import { confirmed } from '../../components/Confirm.tsx';
import { MoreMenu } from '../../components/Menu.tsx';
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
    <MoreMenu
      label={`More for ${name}`}
      choices={[
        menuAction('machine.clean', 'Edit', `Clean up ${name}`, () => cleanHost(name, false), {
          short: 'Clean up what no run needs',
        }),
        menuAction('machine.empty', 'Edit', `Remove all files on ${name}`, cleanAll, { verb: 'remove' }),
        null,
        menuAction('machine.remove', 'Edit', `Remove the machine ${name}`, remove, {
          ...{ short: 'Remove machine', verb: 'remove' },
        }),
      ]}
    />
  );
}
