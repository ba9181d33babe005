import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { DEVICE_TITLES, type DEVICES } from '../../core/api/models.ts';
import { capital } from '../format/format.ts';
import { api, problemText } from '../state/api.ts';

type DeviceName = (typeof DEVICES)[number];

/** The device that is chosen, by its title. */
export function useDeviceWords(value: DeviceName): string {
  // To look for devices takes seconds: one that is named is not looked for.
  const { data: devices } = useQuery(api.devices.list.queryOptions({ enabled: value === 'auto' }));
  if (value !== 'auto') return DEVICE_TITLES[value];
  const found = devices?.find(({ preferred }) => preferred);
  return found ? `${found.title}, chosen by itself` : 'Automatic';
}

/** Every device with its state: what it is, or why it cannot be used and what to do about that. */
export function DeviceChoice({ value, onValue }: { value: DeviceName; onValue(value: DeviceName): void }) {
  const name = useId();
  const { data: devices, error, isPending } = useQuery(api.devices.list.queryOptions());
  const automatic = devices?.find(({ preferred }) => preferred);
  const shown = devices ?? chosenAlone(value);
  const automaticText = isPending
    ? SEARCHING
    : automatic
      ? `Fastest available: ${automatic.title}`
      : 'Fastest available';
  return (
    <fieldset className="device-choice grid gap-1 shrinks">
      <legend className="field-label">Device</legend>
      <DeviceRow group={name} chosen={value === 'auto'} onChoose={() => onValue('auto')} title="Automatic">
        {error ? problemText(error) : automaticText}
      </DeviceRow>
      {shown.map(({ id, title, usable, detail }) => (
        <DeviceRow
          key={id}
          group={name}
          chosen={value === id}
          disabled={!usable}
          title={title}
          onChoose={() => onValue(id)}
        >
          {detail}
        </DeviceRow>
      ))}
    </fieldset>
  );
}

const SEARCHING = 'Searching for devices…';

/** What is chosen stands there while the others are searched for. */
const chosenAlone = (value: DeviceName) =>
  value === 'auto' ? [] : [{ id: value, title: DEVICE_TITLES[value], usable: true, detail: SEARCHING }];

interface DeviceRowProps {
  group: string;
  chosen: boolean;
  disabled?: boolean;
  title: string;
  onChoose(): void;
  children: string;
}

function DeviceRow({ group, chosen, disabled, title, onChoose, children }: DeviceRowProps) {
  return (
    <label className="device-row grid gap-2" data-disabled={disabled ? true : undefined}>
      <input type="radio" name={group} checked={chosen} disabled={disabled} onChange={onChoose} />
      <span>
        <span className={disabled ? 'block muted' : 'block'}>{title}</span>
        <span className="device-detail field-help block" title={children}>
          {disabled ? `Unavailable: ${children}` : capital(children)}
        </span>
      </span>
    </label>
  );
}
