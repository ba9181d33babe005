/** A device for a line of text. Why the others were passed over fills paragraphs; another command tells. */
export function deviceText(device: string, reason: string | null): string {
  if (!reason?.startsWith('not ')) return reason ? `${device} (${reason})` : device;
  return `${device} ("tessera devices" tells of the others)`;
}
