import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { hostChanges } from '../../../core/api/hosts.ts';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { useForm } from '../../components/use-form.ts';
import { api, client } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';

/** Empty for the usual folder. */
const draft = hostChanges.pick({ name: true }).extend({
  folder: z
    .string()
    .transform((text): string | null | undefined => text || undefined)
    .pipe(hostChanges.shape.folder),
});
const OFFERED = 12;

/** A name of the ssh config, or user@host. It is remembered once it was reached. */
export function AddHostDialog({ known, onClose }: { known: readonly string[]; onClose(): void }) {
  const { data: offered = [] } = useQuery(api.hosts.offered.queryOptions());
  const { typed, field, values, change, ...form } = useForm('machine', draft, { name: '', folder: '' });
  const others = offered.filter((name) => !known.includes(name)).slice(0, OFFERED);
  const add = async () => {
    if (!values) return false;
    const { name } = await client.hosts.add(values);
    goTo('machines', [name]);
  };
  const name = field('name');
  return (
    <FormDialog
      title="Add a machine"
      width={480}
      submit="Connect and add"
      failure="Could not add the machine"
      ready={values !== null}
      draft={form}
      onSubmit={add}
      onClose={onClose}
    >
      <TextField
        label="Name"
        help="As in your ssh config, or user@host. Passwords and keys stay with ssh and its agent."
        {...name}
        problem={name.problem && `Enter ${name.problem}`}
        autoFocus
      />
      {others.length > 0 && (
        <fieldset className="flex gap-1 wrap" aria-label="Hosts of your ssh config">
          {others.map((one) => (
            <Button key={one} aria-pressed={typed.name === one} onClick={() => change({ name: one })}>
              {one}
            </Button>
          ))}
        </fieldset>
      )}
      <TextField
        label="Folder there"
        help="Empty for the usual one. It must be new or empty, and on a cluster shared with its nodes."
        placeholder="~/.cache/tessera"
        {...field('folder')}
      />
    </FormDialog>
  );
}
