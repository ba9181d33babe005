import { useState } from 'react';
import { REPORT_FORMATS } from '../../../core/api/compare.ts';
import { ReportWindow } from '../../app/ReportWindow.tsx';
import { madeAs, REPORT_FORMAT_CHOICES, type ReportFormatChoice } from '../../app/report-formats.ts';
import { CheckField, SelectField } from '../../components/controls.tsx';
import { api, useKeptQuery } from '../../state/api.ts';

/** A study as a file. */
export function StudyReportDialog({ study, onClose }: { study: string; onClose(): void }) {
  const [format, setFormat] = useState<ReportFormatChoice>('html');
  const [standalone, setStandalone] = useState(false);
  const report = useKeptQuery(
    api.studies.report.queryOptions({
      input: { study, kind: 'study', format: madeAs(format), standalone },
    }),
  );
  return (
    <ReportWindow
      query={report}
      pending={report.isPlaceholderData || report.isPending}
      pdf={format === 'pdf'}
      onClose={onClose}
    >
      <SelectField label="Format" value={format} choices={REPORT_FORMAT_CHOICES} onValue={setFormat} />
      {REPORT_FORMATS[madeAs(format)].standalone && (
        <CheckField label="A document that compiles by itself" value={standalone} onValue={setStandalone} />
      )}
      <p className="muted">
        Runs with their cost, what the study says of them, charts, protocol, and the command that makes it
        again. JSON has every number.
      </p>
    </ReportWindow>
  );
}
