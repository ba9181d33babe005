/** Settings as a user lists them in a field. */
import { settingValue } from '../../core/api/models.ts';

/** What is separated by commas or lines. */
export const parts = (text: string) =>
  text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** "epochs=20, loss=bce" as config keys, values as on the command line. */
export function parseSettings(text: string): { overrides: Record<string, unknown> } | { problem: string } {
  const settings = parts(text).map((part) => /^([^=\s]+)\s*=\s*(.*)$/.exec(part));
  if (settings.includes(null)) return { problem: 'write key=value, such as epochs=20' };
  return {
    overrides: Object.fromEntries(
      settings.flatMap((match) => (match ? [[match[1], settingValue(match[2])]] : [])),
    ),
  };
}
