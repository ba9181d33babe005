/** Whether a text of a date names a time zone, or is a date alone, which is UTC's for JavaScript, too. */
const ZONE = /(Z|[-+]\d\d:?\d\d|\b(?:GMT|UTC))\s*$/i;
const DATE_ALONE = /^\s*\d{4}(-\d\d){0,2}\s*$/;

/** Unix milliseconds of a date, with or without a time; one without a zone is UTC's. NaN where the text is none. */
export function utcMs(text: string): number {
  if (ZONE.test(text) || DATE_ALONE.test(text)) return Date.parse(text);
  const time = Date.parse(`${text.trim()}Z`);
  return Number.isNaN(time) ? Date.parse(`${text.trim()} UTC`) : time;
}
