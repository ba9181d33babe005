import { useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { ReportWindow } from '../../app/ReportWindow.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import type { CompareRoute } from './compare-route.ts';
import { ReportForm } from './ReportForm.tsx';
import { firstChoices, type ReportChoices, type ReportTexts, reportRequest } from './report-choice.ts';

export interface ReportDialogProps {
  view: ComparisonView;
  route: CompareRoute;
  /** What is known of it already. */
  texts: ReportTexts | undefined;
  onClose(): void;
}

const TYPING_MS = 300;

/** The comparison as a file: what goes into it, how it looks, and where it goes. */
export function ReportDialog({ view, route, texts, onClose }: ReportDialogProps) {
  const [choices, setChoices] = useState<ReportChoices>(() => firstChoices(view, texts));
  const request = useDebounced(reportRequest(route, choices), TYPING_MS);
  const report = useKeptQuery(api.compare.report.queryOptions({ input: request }));
  const pending =
    report.isPlaceholderData || JSON.stringify(request) !== JSON.stringify(reportRequest(route, choices));
  return (
    <ReportWindow query={report} pending={pending} pdf={choices.format === 'pdf'} onClose={onClose}>
      <ReportForm view={view} route={route} choices={choices} onChange={setChoices} />
    </ReportWindow>
  );
}
