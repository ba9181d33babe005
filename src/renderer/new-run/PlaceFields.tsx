import type { ReactNode } from 'react';
import type { Host, HostJob, JobOption, Scheduler } from '../../core/api/hosts.ts';
import { useDeviceWords } from '../app/DeviceChoice.tsx';
import { SelectField, TextAreaField, TextField } from '../components/controls.tsx';
import { formProblems } from '../components/use-form.ts';
import { schedulerOf, useHosts } from '../state/hosts.ts';
import { routeLink } from '../state/navigation.ts';
import { type PlaceDraft, placeDraft, placeOn } from './place.ts';

interface PlaceFieldsProps {
  value: PlaceDraft;
  onValue(value: PlaceDraft): void;
}

/** This machine or a host, and how a job is submitted on a cluster; nothing without a host. */
export function PlaceFields(props: PlaceFieldsProps) {
  const { data: hosts = [] } = useHosts();
  return hosts.length > 0 && <PlaceChoice hosts={hosts} {...props} />;
}

function PlaceChoice({ hosts, value, onValue }: PlaceFieldsProps & { hosts: readonly Host[] }) {
  const device = useDeviceWords('auto');
  const host = hosts.find(({ name }) => name === value.on);
  const scheduler = host && schedulerOf(host);
  return (
    <div className="form grid">
      <SelectField
        label="Train on"
        value={value.on}
        choices={[
          { value: '', label: `This machine: ${device}` },
          ...hosts.map((one) => ({
            value: one.name,
            label: [one.name, title(one)].filter(Boolean).join(' '),
          })),
        ]}
        onValue={(on) => onValue(placeOn(on, hosts))}
      />
      {scheduler && <JobFields scheduler={scheduler} usual={host?.job} value={value} onValue={onValue} />}
      {host && !host.report && (
        <p className="field-help">
          {host.name} has not been checked yet.{' '}
          <a href={routeLink('settings', ['hosts', host.name])}>Check it</a>
        </p>
      )}
    </div>
  );
}

/** "(Slurm)" */
function title(host: Host): string | null {
  const scheduler = schedulerOf(host);
  return scheduler && `(${scheduler.title})`;
}

interface JobFieldsProps extends PlaceFieldsProps {
  scheduler: Scheduler;
  /** What holds where nothing is typed; else the cluster says. */
  usual?: HostJob;
  /** Before the lines of the script. */
  children?: ReactNode;
}

/** How jobs are submitted to a cluster. */
export function JobFields({ scheduler, usual, value, onValue, children }: JobFieldsProps) {
  const problems = Object.entries(formProblems(placeDraft, value));
  const field = (key: keyof PlaceDraft) => ({
    // Of the third line it is "lines.2".
    problem: problems.flatMap(([of, problem]) => (of.split('.')[0] === key ? `Enter ${problem}` : []))[0],
    value: value[key],
    onValue: (text: string) => onValue({ ...value, [key]: text }),
  });
  return (
    <>
      {(Object.keys(scheduler.options) as JobOption[]).map((key) => (
        <TextField
          key={key}
          label={scheduler.options[key] ?? key}
          placeholder={usual?.[key] ?? 'Cluster default'}
          {...field(key)}
        />
      ))}
      {children}
      <TextAreaField
        label="Extra script lines"
        help={`${scheduler.directive} options, or commands such as module load cuda`}
        rows={2}
        {...field('lines')}
      />
    </>
  );
}
