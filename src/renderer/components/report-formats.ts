/** Formats of a report; PDF is the HTML page, printed. */
export const REPORT_FORMAT_CHOICES = [
  { value: 'html', label: 'HTML, one file' },
  { value: 'pdf', label: 'PDF' },
  { value: 'md', label: 'Markdown' },
  { value: 'latex', label: 'LaTeX' },
  { value: 'csv', label: 'CSV' },
  { value: 'json', label: 'JSON' },
] as const;
export type ReportFormatChoice = (typeof REPORT_FORMAT_CHOICES)[number]['value'];
