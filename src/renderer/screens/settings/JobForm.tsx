import { type Host, type HostChanges, slurmArguments, slurmOptions } from '../../../core/api/hosts.ts';
import { Button } from '../../components/Button.tsx';
import { TextAreaField, TextField } from '../../components/controls.tsx';
import { useForm } from '../../components/use-form.ts';
import { client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';

const TEXTS = [
  ['partition', 'Partition'],
  ['account', 'Account'],
  ['time', 'Time limit'],
  ['gpus', 'GPUs a run'],
  ['memory', 'Memory'],
] as const;

/** How jobs are submitted to a cluster, where a run says nothing else, and the command that comes of it. */
export function JobForm({ host: { name, slurm } }: { host: Host }) {
  const { typed, field, change, values, problems } = useForm(slurmOptions, slurm);
  const isChanged = JSON.stringify(typed) !== JSON.stringify(slurm);
  const save = (changes: HostChanges['slurm']) =>
    attempt(`Could not change ${name}`, () => client.hosts.add({ name, slurm: changes }));
  const problemOf = (key: string) => (problems[key] ? `Enter ${problems[key]}` : null);
  return (
    <form
      className="stack"
      aria-label="How jobs are submitted"
      onSubmit={(event) => {
        event.preventDefault();
        if (values) void save(values);
      }}
    >
      <h2>How jobs are submitted</h2>
      <div className="host-jobs grid">
        {TEXTS.map(([key, label]) => (
          <TextField
            key={key}
            label={label}
            placeholder="As the cluster does"
            value={field(key).value ?? ''}
            problem={problemOf(key)}
            onValue={(text) => change({ [key]: text.trim() || null })}
          />
        ))}
        <TextField
          label="At once, at most"
          mode="decimal"
          value={String(typed.atOnce || '')}
          problem={problems.atOnce ? 'Enter a whole number from 1 to 1,000' : null}
          onValue={(text) => change({ atOnce: Number(text.replace(/\D/g, '')) })}
        />
        <TextAreaField
          label="More lines of the script"
          rows={2}
          value={typed.lines.join('\n')}
          problem={problemOf('lines')}
          onValue={(text) => change({ lines: text === '' ? [] : text.split('\n') })}
        />
      </div>
      <code className="code-block">
        {['sbatch', '--parsable', ...slurmArguments(typed), '--requeue', '--open-mode=append'].join(' ')}
      </code>
      {isChanged && (
        <div className="row">
          <Button kind="primary" type="submit" disabled={values === null}>
            Save
          </Button>
          <Button onClick={() => change(slurm)}>Undo changes</Button>
        </div>
      )}
    </form>
  );
}
