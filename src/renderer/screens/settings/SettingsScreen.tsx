import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { DEVICES } from '../../../core/api/models.ts';
import type { Settings, SystemInfo } from '../../../core/api/settings.ts';
import { DataFolderDialog } from '../../app/DataFolderDialog.tsx';
import { DeviceChoice } from '../../app/DeviceChoice.tsx';
import { Button } from '../../components/Button.tsx';
import { confirmed } from '../../components/Confirm.tsx';
import { CopyLine } from '../../components/CopyButton.tsx';
import { NumberField, SelectField } from '../../components/controls.tsx';
import { Answer, Screen } from '../../components/Screen.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { api, client, queryClient, together } from '../../state/api.ts';
import { routeLink, useRoute } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';
import { focusSetting, SETTING_PLACES, type SettingPlace } from './setting-places.ts';
import './settings.css';

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;

/** Shown and kept at once; there is nothing to confirm. */
async function change(changes: Partial<Settings>): Promise<void> {
  const { queryKey } = api.settings.read.queryOptions();
  queryClient.setQueryData<Settings>(queryKey, (before) => before && { ...before, ...changes });
  const isWritten = await attempt('Could not save the setting', () => client.settings.write(changes));
  if (!isWritten) await queryClient.invalidateQueries({ queryKey });
}

export default function SettingsScreen() {
  const both = together([
    useQuery(api.settings.read.queryOptions()),
    useQuery(api.settings.system.queryOptions()),
  ]);
  return (
    <Screen title="Settings">
      <Answer query={both}>
        {([settings, system]) => <SettingsForm settings={settings} system={system} />}
      </Answer>
    </Screen>
  );
}

function SettingsForm({ settings, system }: { settings: Settings; system: SystemInfo }) {
  const { path } = useRoute();
  useEffect(() => {
    const [place, ...rest] = path;
    // Hosts were a part of the settings.
    if (place === 'hosts') location.replace(routeLink('machines', rest));
    else if (place !== undefined) focusSetting(place);
  }, [path]);
  return (
    <div className="inset" style={{ maxWidth: 896 }}>
      <Section title="Appearance">
        <Setting place="theme">
          <SelectField
            label={SETTING_PLACES.theme.label}
            value={settings.theme}
            choices={THEMES}
            onValue={(theme) => void change({ theme })}
          />
        </Setting>
      </Section>
      <Section title="New runs" help="Runs already in the queue keep the settings they were given.">
        <Setting place="device">
          <DeviceChoice value={settings.device} onValue={(device) => void change({ device })} />
        </Setting>
        <Setting place="threads">
          <NumberField
            label={SETTING_PLACES.threads.label}
            help={`Empty for all: ${countText(system.threads, 'thread')}`}
            least={1}
            most={1024}
            value={settings.threads}
            onCommit={(threads) => void change({ threads })}
          />
        </Setting>
      </Section>
      <Section title="Queue" help="Runs trained at the same time on each device; 0 disables the device.">
        <div
          className="stack wide"
          style={{ gridTemplateColumns: 'repeat(auto-fit, 96px)' }}
          data-setting="slots"
        >
          {DEVICES.filter((device) => device !== 'auto').map((device) => (
            <Slots key={device} device={device} settings={settings} />
          ))}
        </div>
      </Section>
      <Section
        title="Data folder"
        help="Data sets, runs, checkpoints and these settings. One folder to back up or to move."
      >
        <DataFolder system={system} />
      </Section>
      {system.shell === 'browser' && (
        <Section
          title="Link"
          help="A browser that has opened the link stays let in, also after a restart of Tessera."
        >
          <div data-setting="link">
            <Button onClick={() => void renewLink()}>Renew link</Button>
          </div>
        </Section>
      )}
      <Section title="Command line" help="The same data sets, runs and queue in a terminal.">
        <div className="wide" data-setting="command-line">
          <CopyLine text={system.commandLine} what="the command" />
        </div>
      </Section>
      <Section title="About">
        <p>
          Tessera {system.version}, {system.shell === 'electron' ? 'desktop app' : 'in the browser'} on{' '}
          {system.platform}; {countText(system.threads, 'thread')}, {bytesText(system.memoryBytes)} of memory.
        </p>
        <p className="muted">Its starts, ends and errors are noted in {system.log}.</p>
      </Section>
    </div>
  );
}

function Section({ title, help, children }: { title: string; help?: string; children: ReactNode }) {
  return (
    <section className="settings-section grid gap-6 line-below" aria-label={title}>
      <div>
        <h2>{title}</h2>
        {help && <p className="field-help">{help}</p>}
      </div>
      <div className="settings-controls stack at-start">{children}</div>
    </section>
  );
}

/** What the address of a setting leads to. */
function Setting({ place, children }: { place: SettingPlace; children: ReactNode }) {
  return <div data-setting={place}>{children}</div>;
}

type SlotDevice = Exclude<(typeof DEVICES)[number], 'auto'>;

const DEVICE_NAMES: Record<SlotDevice, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  'tfjs-gpu': 'TensorFlow.js',
};

function Slots({ device, settings }: { device: SlotDevice; settings: Settings }) {
  return (
    <NumberField
      label={DEVICE_NAMES[device]}
      least={0}
      most={64}
      required
      value={settings.slots[device] ?? 1}
      onCommit={(count) => {
        if (count !== null) void change({ slots: { ...settings.slots, [device]: count } });
      }}
    />
  );
}

/** Goes on by the new one. */
async function renewLink(): Promise<void> {
  const body = (
    <p>
      All links and bookmarks of this data folder become worthless, and windows in other browsers are locked
      out.
    </p>
  );
  if (!(await confirmed({ title: 'Renew the link?', body, action: 'Renew link' }))) return;
  await attempt('Could not renew the link', async () => {
    location.replace((await client.settings.renewLink()).link);
  });
}

const NAMED_BY = { option: 'the option --home', environment: 'the environment variable TESSERA_HOME' };

/** Where everything is kept, and the way to another place. */
function DataFolder({ system }: { system: SystemInfo }) {
  const [changing, setChanging] = useState(false);
  const { homeSource: source } = system;
  const first = source === 'option' || source === 'environment' ? NAMED_BY[source] : null;
  return (
    <>
      <CopyLine text={system.home} what="the path" />
      <p className="field-help">
        {system.freeBytes !== null && `${bytesText(system.freeBytes)} free on its disk. `}
        {first && `Set by ${first}, which overrides the folder chosen here.`}
      </p>
      <div data-setting="folder">
        <Button onClick={() => setChanging(true)}>Change folder</Button>
      </div>
      {changing && <DataFolderDialog first={first} onClose={() => setChanging(false)} />}
    </>
  );
}
