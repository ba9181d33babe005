import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ComparisonView, Report } from '../../../core/api/compare.ts';
import { Button } from '../../components/Button.tsx';
import { copyText, saveFile } from '../../components/copy.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { Problem } from '../../components/Problem.tsx';
import { bytesText } from '../../format/format.ts';
import { shell } from '../../shell/window-shell.ts';
import { api } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { attempt } from '../../state/toasts.ts';
import type { ComparePlace } from './compare-place.ts';
import { ReportForm } from './ReportForm.tsx';
import { firstChoices, type ReportChoices, reportRequest } from './report-choice.ts';

export interface ReportDialogProps {
  view: ComparisonView;
  place: ComparePlace;
  onClose(): void;
}

const TYPING_MS = 300;

/** The comparison as a file: what goes into it, how it looks, and where it goes. */
export function ReportDialog({ view, place, onClose }: ReportDialogProps) {
  const [choices, setChoices] = useState<ReportChoices>(() => firstChoices(view));
  const request = useDebounced(reportRequest(place, choices), TYPING_MS);
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...api.compare.report.queryOptions({ input: request }),
    placeholderData: keepPreviousData,
  });
  const frame = useRef<HTMLIFrameElement>(null);
  const pending =
    isPlaceholderData || JSON.stringify(request) !== JSON.stringify(reportRequest(place, choices));
  const { format } = choices;
  const isPage = data?.mediaType === 'text/html';
  const save = (report: Report) =>
    attempt('The report could not be saved', () =>
      saveFile(report.fileName, new Blob([report.text], { type: `${report.mediaType};charset=utf-8` })),
    );
  const savePdf = (report: Report) =>
    attempt('The report could not be printed', async () => {
      const name = report.fileName.replace(/\.html$/, '.pdf');
      if (!(await shell.savePdf(name, report.text))) frame.current?.contentWindow?.print();
    });
  return (
    <Dialog
      title="Report"
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      width={1120}
      bare
      foot={
        <>
          <span className="muted toolbar-start">{data && !pending ? sizeText(data) : 'Writing'}</span>
          {format !== 'pdf' && (
            <Button
              disabled={!data || pending}
              onClick={() => data && void copyText(data.text, `Copied ${data.fileName}`)}
            >
              Copy
            </Button>
          )}
          <Button
            kind="primary"
            disabled={!data || pending}
            onClick={() => data && void (format === 'pdf' ? savePdf(data) : save(data))}
          >
            {format !== 'pdf' ? 'Save' : shell.kind === 'electron' ? 'Save as PDF' : 'Print to PDF'}
          </Button>
        </>
      }
    >
      <div className="report">
        <ReportForm view={view} place={place} choices={choices} onChange={setChoices} />
        <div className="report-preview" data-stale={pending}>
          {error && !pending && <Problem error={error} onRetry={() => void refetch()} />}
          {data && isPage && (
            <iframe
              ref={frame}
              title="Preview of the report"
              // Without scripts; the origin is kept so that this window may ask it to print.
              sandbox="allow-same-origin allow-modals"
              srcDoc={data.text}
            />
          )}
          {data && !isPage && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
            <section aria-label="Preview of the report" tabIndex={0}>
              <pre>{previewText(data.text)}</pre>
            </section>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function sizeText({ fileName, text }: Report): string {
  return `${fileName}, ${bytesText(new Blob([text]).size)}`;
}

/** As much of a long file as anyone reads before saving it. */
const PREVIEW_LINES = 400;

function previewText(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= PREVIEW_LINES) return text;
  return `${lines.slice(0, PREVIEW_LINES).join('\n')}\n… and ${lines.length - PREVIEW_LINES} more lines`;
}
