import type { ReportRequest } from '../../core/api/compare.ts';

/** What a report's file is called at its end, and its media type, by format. */
export const FILES: Record<ReportRequest['format'], { ending: string; mediaType: string }> = {
  html: { ending: 'html', mediaType: 'text/html' },
  md: { ending: 'md', mediaType: 'text/markdown' },
  latex: { ending: 'tex', mediaType: 'application/x-tex' },
  csv: { ending: 'csv', mediaType: 'text/csv' },
  json: { ending: 'json', mediaType: 'application/json' },
};
