import { type ReactNode, useRef } from 'react';
import type { Report } from '../../core/api/compare.ts';
import { Button } from '../components/Button.tsx';
import { CopyButton } from '../components/CopyButton.tsx';
import { saveFile, tellSaved } from '../components/copy.ts';
import { Dialog, DialogHead } from '../components/Dialog.tsx';
import { Problem } from '../components/Screen.tsx';
import { bytesText, countText } from '../format/format.ts';
import { shell } from '../shell/window-shell.ts';
import type { Query } from '../state/api.ts';
import { attempt } from '../state/toasts.ts';
import { withEnding } from './report-formats.ts';

export interface ReportWindowProps {
  /** The newest report there is. */
  query: Query<Report>;
  /** What is shown belongs to the request before, or is not there yet. */
  pending: boolean;
  /** Print the page in place of saving the file. */
  pdf: boolean;
  onClose(): void;
  /** What goes into the report. */
  children: ReactNode;
}

/** A report as a file: its choices, how it looks, and where it goes. */
export function ReportWindow({ query, pending, pdf, onClose, children }: ReportWindowProps) {
  const report = query.data;
  const frame = useRef<HTMLIFrameElement>(null);
  const isPage = report?.mediaType === 'text/html';
  const save = (one: Report) =>
    attempt('Could not save the report', () =>
      one.files.length > 0
        ? saveArchive(one)
        : saveFile(one.fileName, new Blob([one.text], { type: `${one.mediaType};charset=utf-8` })),
    );
  const savePdf = (one: Report) =>
    attempt('Could not print the report', async () => {
      if (!shell.savePdf) frame.current?.contentWindow?.print();
      else tellSaved(await shell.savePdf(withEnding(one.fileName, 'pdf'), one.text));
    });
  return (
    <Dialog
      title="Report"
      onClose={onClose}
      width={1120}
      bare
      foot={
        <>
          <span className="muted toolbar-start">{report && !pending ? sizeText(report) : 'Writing'}</span>
          {!pdf && <CopyButton kind="normal" what="the report" text={pending ? undefined : report?.text} />}
          <Button
            kind="primary"
            disabled={!report || pending}
            onClick={() => report && void (pdf ? savePdf(report) : save(report))}
          >
            {!pdf
              ? report && report.files.length > 0
                ? report.folder === null
                  ? 'Save with charts'
                  : 'Save folder'
                : 'Save'
              : shell.savePdf
                ? 'Save as PDF'
                : 'Print to PDF'}
          </Button>
        </>
      }
    >
      <DialogHead title="Report" onClose={onClose} />
      <div className="report grid flattens">
        <div className="stack packed scrolls line-after panel-inset">{children}</div>
        <div className="report-preview shrinks scrolls holds" data-stale={pending}>
          {Boolean(query.error) && !pending && <Problem query={query} />}
          {report && isPage && (
            <iframe
              ref={frame}
              title="Preview of the report"
              // Without scripts; the origin is kept so that this window may ask it to print.
              sandbox="allow-same-origin allow-modals"
              srcDoc={report.text}
            />
          )}
          {report && !isPage && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
            <section aria-label="Preview of the report" tabIndex={0}>
              <pre>{previewText(report.text)}</pre>
            </section>
          )}
        </div>
      </div>
    </Dialog>
  );
}

/** The report with its charts beside it, in one archive: a browser saves one file at a time. */
async function saveArchive({ folder, fileName, text, files }: Report): Promise<void> {
  const { strToU8, zipSync } = await import('fflate');
  const all = [{ fileName, text }, ...files].map((one): [string, Uint8Array] => [
    folder === null ? one.fileName : `${folder}/${one.fileName}`,
    strToU8(one.text),
  ]);
  const archive = new Uint8Array(zipSync(Object.fromEntries(all)));
  await saveFile(withEnding(folder ?? fileName, 'zip'), new Blob([archive], { type: 'application/zip' }));
}

function sizeText({ folder, fileName, text, files }: Report): string {
  const size = bytesText(new Blob([text, ...files.map((file) => file.text)]).size);
  if (folder !== null) return `${withEnding(folder, 'zip')}, ${countText(files.length + 1, 'file')}`;
  return `${fileName}, ${size}${files.length > 0 ? ` with ${countText(files.length, 'chart')}` : ''}`;
}

/** As much of a long file as anyone reads before saving it. */
const PREVIEW_LINES = 400;

function previewText(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= PREVIEW_LINES) return text;
  return `${lines.slice(0, PREVIEW_LINES).join('\n')}\n… and ${lines.length - PREVIEW_LINES} more lines`;
}
