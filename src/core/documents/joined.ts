/** Several documents as one report: a page that says what each of them says, and each of them from a page of its own on. */
import type { ReportDocument } from './document.ts';

/** The title is that of the first one unless another is given. */
export function joinedDocument(
  chapters: readonly ReportDocument[],
  { title, text }: Pick<ReportDocument, 'text'> & { title?: string },
): ReportDocument {
  return {
    stem: 'report',
    title: title ?? `Report of ${chapters[0].title} and ${chapters.length - 1} more`,
    text,
    warnings: chapters.flatMap(({ title: of, warnings = [] }) => warnings.map((one) => `${of}: ${one}`)),
    sections: [
      {
        title: 'Summary',
        table: {
          headings: ['Part', 'Answer'],
          textColumns: 1,
          words: [1],
          lines: chapters.map((chapter) => [chapter.title, answerOf(chapter)]),
        },
      },
    ],
    // What a reader must know is said on the first page.
    chapters: chapters.map((chapter) => ({ ...chapter, isUntitled: false, warnings: [] })),
    data: {
      format: 'tessera-report',
      version: 1,
      parts: chapters.map(({ title: of, data }) => ({ title: of, data })),
    },
  };
}

/** In one line. */
function answerOf({ verdict, answer }: ReportDocument): string {
  if (!verdict) return answer ?? '–';
  return `${verdict.lead}${verdict.limit === '' ? '' : `: ${verdict.limit}`}`;
}
