/** Every setting as it can be searched for, and the way to its field: "#/settings/threads". */
import { goTo, useRoute } from '../../state/navigation.ts';

export const SETTING_PLACES = {
  theme: { label: 'Theme', keywords: 'appearance colours' },
  device: { label: 'Device of new runs', keywords: 'cpu gpu webgpu cuda' },
  threads: { label: 'CPU threads of a run', keywords: 'cores' },
  slots: { label: 'Runs trained at the same time', keywords: 'queue slots parallel' },
  folder: { label: 'Data folder', keywords: 'home directory disk move backup' },
  link: { label: 'Link', keywords: 'address secret browser renew' },
  'command-line': { label: 'Command line', keywords: 'terminal' },
} as const;

export type SettingPlace = keyof typeof SETTING_PLACES;

export function goToSetting(place: SettingPlace): void {
  const { screen, path } = useRoute.getState();
  if (screen === 'settings' && path[0] === place) focusSetting(place);
  else goTo('settings', [place]);
}

/** The field itself; of several, the one that is chosen or the first. */
export function focusSetting(place: string): void {
  const within = `[data-setting="${CSS.escape(place)}"]`;
  const field =
    document.querySelector<HTMLElement>(`${within} input:checked`) ??
    document.querySelector<HTMLElement>(`${within} :is(input, select, button)`);
  field?.focus();
}
