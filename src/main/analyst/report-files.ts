import type { ReportRequest } from '../../core/api/compare.ts';

/** File extension and media type of a report, by format. */
export const FILES: Record<ReportRequest['format'], { ending: string; mediaType: string }> = {
  html: { ending: 'html', mediaType: 'text/html' },
  md: { ending: 'md', mediaType: 'text/markdown' },
  latex: { ending: 'tex', mediaType: 'application/x-tex' },
  csv: { ending: 'csv', mediaType: 'text/csv' },
  json: { ending: 'json', mediaType: 'application/json' },
};
