import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { ReportWindow } from '../../components/ReportWindow.tsx';
import { api } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import type { CompareRoute } from './compare-route.ts';
import { ReportForm } from './ReportForm.tsx';
import { firstChoices, type ReportChoices, reportRequest } from './report-choice.ts';

export interface ReportDialogProps {
  view: ComparisonView;
  place: CompareRoute;
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
  const pending =
    isPlaceholderData || JSON.stringify(request) !== JSON.stringify(reportRequest(place, choices));
  return (
    <ReportWindow
      report={data}
      pending={pending}
      error={error}
      pdf={choices.format === 'pdf'}
      onRetry={() => void refetch()}
      onClose={onClose}
    >
      <ReportForm view={view} place={place} choices={choices} onChange={setChoices} />
    </ReportWindow>
  );
}
