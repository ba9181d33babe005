/** A device on one line. Why the others were not chosen takes paragraphs; the `devices` command shows it. */
export function deviceText(device: string, reason: string | null): string {
  if (!reason?.startsWith('not ')) return reason ? `${device} (${reason})` : device;
  return `${device} ("tessera devices" tells of the others)`;
}
