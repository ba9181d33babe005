import type { ReactNode } from 'react';
import type { Host, HostJob } from '../../core/api/hosts.ts';
import { useDeviceWords } from '../app/DeviceChoice.tsx';
import { SelectField, TextAreaField, TextField } from '../components/controls.tsx';
import { formProblems } from '../components/use-form.ts';
import { isCluster, useHosts } from '../state/hosts.ts';
import { routeLink } from '../state/navigation.ts';
import { useLastChoice } from './new-run.ts';
import { type PlaceDraft, placeDraft, placeOn } from './place.ts';

/** Where the last runs were trained; undefined until it is known. */
export function useLastPlace(): PlaceDraft | undefined {
  const { data: hosts } = useHosts();
  const [last, , isRead] = useLastChoice();
  return hosts && isRead ? placeOn(last?.on, hosts) : undefined;
}

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
  return (
    <div className="form grid study-wide">
      <SelectField
        label="Train on"
        value={value.on}
        choices={[
          { value: '', label: `This machine: ${device}` },
          ...hosts.map((one) => ({
            value: one.name,
            label: isCluster(one) ? `${one.name} (Slurm)` : one.name,
          })),
        ]}
        onValue={(on) => onValue(placeOn(on, hosts))}
      />
      {host && isCluster(host) && <JobFields usual={host.job} value={value} onValue={onValue} />}
      {host && !host.report && (
        <p className="field-help">
          {host.name} has not been checked yet.{' '}
          <a href={routeLink('settings', ['hosts', host.name])}>Check it</a>
        </p>
      )}
    </div>
  );
}

const TEXTS = [
  ['partition', 'Partition'],
  ['account', 'Account'],
  ['time', 'Time limit'],
  ['memory', 'Memory'],
  ['gpus', 'GPUs'],
] as const;

interface JobFieldsProps extends PlaceFieldsProps {
  /** What holds where nothing is typed; else the cluster says. */
  usual?: HostJob;
  /** Before the lines of the script. */
  children?: ReactNode;
}

/** How jobs are submitted to a cluster. */
export function JobFields({ usual, value, onValue, children }: JobFieldsProps) {
  const problems = Object.entries(formProblems(placeDraft, value));
  const field = (key: keyof PlaceDraft) => ({
    // Of the third line it is "lines.2".
    problem: problems.flatMap(([of, problem]) => (of.split('.')[0] === key ? `Enter ${problem}` : []))[0],
    value: value[key],
    onValue: (text: string) => onValue({ ...value, [key]: text }),
  });
  return (
    <>
      {TEXTS.map(([key, label]) => (
        <TextField
          key={key}
          label={label}
          placeholder={usual?.[key] ?? 'As the cluster does'}
          {...field(key)}
        />
      ))}
      {children}
      <TextAreaField
        label="More lines of the script"
        help="#SBATCH options, or commands such as module load cuda"
        rows={2}
        {...field('lines')}
      />
    </>
  );
}
