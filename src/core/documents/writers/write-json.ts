import type { ReportDocument } from '../document.ts';

/** The numbers of a report as indented JSON; those that are not finite become null. */
export function writeJson({ data }: ReportDocument): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}
