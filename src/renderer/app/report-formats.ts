import { FILE_FORMATS, type FileFormat, REPORT_FORMATS } from '../../core/api/compare.ts';

/** Formats of a report; PDF is the HTML page, printed. */
export type ReportFormatChoice = FileFormat | 'pdf';

export const REPORT_FORMAT_CHOICES: readonly { value: ReportFormatChoice; label: string }[] =
  FILE_FORMATS.flatMap((value) => [
    { value, label: REPORT_FORMATS[value].title },
    ...(value === 'html' ? [{ value: 'pdf' as const, label: 'PDF' }] : []),
  ]);

/** The name of a report's file in another format. */
export function withEnding(fileName: string, ending: 'pdf' | 'zip'): string {
  return `${fileName.replace(/\.[a-z]+$/, '')}.${ending}`;
}

/** The format that the report is made in. */
export function madeAs(choice: ReportFormatChoice): FileFormat {
  return choice === 'pdf' ? 'html' : choice;
}
