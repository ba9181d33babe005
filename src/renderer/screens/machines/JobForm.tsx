import { z } from 'zod';
import { type Host, hostJob, NO_OPTIONS, type Scheduler } from '../../../core/api/hosts.ts';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/controls.tsx';
import { useForm } from '../../components/use-form.ts';
import { JobFields } from '../../new-run/PlaceFields.tsx';
import { jobTexts, placeDraft } from '../../new-run/place.ts';
import { client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';

const draft = z
  .object({ job: placeDraft, atOnce: z.string().transform(Number).pipe(hostJob.shape.atOnce) })
  .transform(({ job: { job }, atOnce }) => ({ ...NO_OPTIONS, ...job, atOnce }));

/** How jobs are submitted to a cluster, where a run says nothing else, and the command that comes of it. */
export function JobForm({ host, scheduler }: { host: Host; scheduler: Scheduler }) {
  const { name, job } = host;
  const first = { job: jobTexts(name, job), atOnce: String(job.atOnce) };
  const { typed, field, values, forget } = useForm(`jobs ${name}`, draft, first);
  const isChanged = JSON.stringify(typed) !== JSON.stringify(first);
  const atOnce = field('atOnce');
  return (
    <form
      className="stack"
      aria-label="How jobs are submitted"
      onSubmit={(event) => {
        event.preventDefault();
        if (!values) return;
        void attempt(`Could not change ${name}`, async () => {
          await client.hosts.add({ name, job: values });
          forget();
        });
      }}
    >
      <h2>How jobs are submitted</h2>
      <div className="host-jobs grid top">
        <JobFields {...field('job')} scheduler={scheduler}>
          <TextField
            label="Max. concurrent jobs"
            mode="decimal"
            {...atOnce}
            problem={atOnce.problem && 'Enter a whole number from 1 to 1,000'}
          />
        </JobFields>
      </div>
      {values && (
        <code className="code-block">
          {[...scheduler.submit.command, ...scheduler.optionsOf(values).flat()].join(' ')}
        </code>
      )}
      {isChanged && (
        <div className="row">
          <Button kind="primary" type="submit" disabled={values === null}>
            Save
          </Button>
          <Button onClick={forget}>Undo changes</Button>
        </div>
      )}
    </form>
  );
}
