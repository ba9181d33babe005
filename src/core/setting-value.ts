/** A value of a config as a user writes it: JSON where it is some, such as a number; any other text as it is. */
export function settingValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value as `settingValue` reads it back. */
export function settingText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
