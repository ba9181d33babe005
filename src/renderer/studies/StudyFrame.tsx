import { FileText, Play } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { REPORT_FORMATS } from '../../core/api/compare.ts';
import type { StudyPage } from '../../core/api/studies.ts';
import type { Action } from '../actions/action.ts';
import { useRegisteredActions } from '../actions/registry.ts';
import { ReportWindow } from '../app/ReportWindow.tsx';
import { madeAs, REPORT_FORMAT_CHOICES, type ReportFormatChoice } from '../app/report-formats.ts';
import { ActionButton, Button } from '../components/Button.tsx';
import { CheckField, SelectField } from '../components/controls.tsx';
import { MoreMenu } from '../components/Menu.tsx';
import { EmptyState, Missing, Screen } from '../components/Screen.tsx';
import { countText } from '../format/format.ts';
import { studyAgain } from '../new-run/again.ts';
import { openNewRun } from '../new-run/new-run.ts';
import { deleteStudy } from '../runs/deletion.tsx';
import { api, client, isUserError, problemText, useKeptQuery } from '../state/api.ts';
import { routeLink } from '../state/navigation.ts';
import { attempt, notify } from '../state/toasts.ts';
import './studies.css';
import type { StudyWords } from './words.ts';

/** A study and the state of its query. */
export function useStudy({ kind }: StudyWords, study: string) {
  return useKeptQuery(api.studies.show.queryOptions({ input: { study, kind } }));
}

interface StudyFrameProps {
  words: StudyWords;
  /** Of the address. */
  study: string;
  query: ReturnType<typeof useStudy>;
  /** Undefined until it is there. */
  page: StudyPage | undefined;
  /** Runs are missing, or ended without completing. */
  canResume: boolean;
  /** Its own buttons; the last one is the main one. Default: the report. */
  actions?: readonly Action[];
  children: ReactNode;
}

/** The page of a study of either kind: what can be done with it, and its report. */
export function StudyFrame(props: StudyFrameProps) {
  const { words, study, query, page, canResume, actions = [], children } = props;
  const { noun, screen, kind } = words;
  const [reporting, setReporting] = useState(false);
  const deletion: Action = {
    ...{ id: `${screen}.delete`, label: `Delete this ${noun}`, group: 'Edit', shortcut: 'Delete' },
    short: 'Delete',
    enabled: () => page !== undefined,
    perform: () => page && void deleteStudy(kind, page),
  };
  const report: Action = {
    ...{ id: `${screen}.report`, label: `Export a report of this ${noun}`, group: 'File', shortcut: 'Mod+E' },
    ...{ keywords: 'pdf html markdown latex csv json print', short: 'Report', icon: FileText },
    enabled: () => page !== undefined,
    perform: () => setReporting(true),
  };
  const again: Action = {
    ...{ id: `${screen}.again`, label: `New ${noun} like this one, with changes`, group: 'Run' },
    short: 'Again with changes',
    enabled: () => page !== undefined && !page.spec.sweep?.found,
    perform: () => page && openNewRun(studyAgain(page.spec)),
  };
  useRegisteredActions([...actions, again, report, deletion]);
  const [shown, further] = actions.length > 0 ? [actions, [report, null]] : [[report], []];
  return (
    <Screen
      title={page?.name ?? (noun === 'sweep' ? 'Sweep' : 'Study')}
      up={{ label: words.title, href: routeLink(screen) }}
      actions={
        page && (
          <>
            {canResume && (
              <Button icon={Play} onClick={() => resume(words, study)}>
                Resume
              </Button>
            )}
            {shown.map((action, at) => (
              <ActionButton
                key={action.id}
                kind={at === shown.length - 1 ? 'primary' : 'normal'}
                action={action}
              />
            ))}
            <MoreMenu choices={[again, ...further, deletion]} />
          </>
        )
      }
    >
      {isUserError(query.error) ? (
        <EmptyState title={`There is no such ${noun}`} text={problemText(query.error)} />
      ) : (
        (!page || query.error) && (
          <div className="study-list">
            <Missing query={query} />
          </div>
        )
      )}
      {children}
      {reporting && <StudyReport words={words} study={study} onClose={() => setReporting(false)} />}
    </Screen>
  );
}

function resume({ kind, noun }: StudyWords, study: string): void {
  void attempt(`Could not resume the ${noun}`, async () => {
    const { runs } = await client.studies.resume({ study, kind });
    const title = runs === 0 ? 'Every run is done or in the queue' : `Queued ${countText(runs, 'run')}`;
    notify({ level: 'info', title });
  });
}

interface StudyReportProps {
  words: StudyWords;
  study: string;
  onClose(): void;
}

/** A study as a file. */
function StudyReport({ words: { kind, noun }, study, onClose }: StudyReportProps) {
  const [format, setFormat] = useState<ReportFormatChoice>('html');
  const [standalone, setStandalone] = useState(false);
  const input = { study, kind, format: madeAs(format), standalone };
  const report = useKeptQuery(api.studies.report.queryOptions({ input }));
  return (
    <ReportWindow
      query={report}
      pending={report.isPlaceholderData || report.isPending}
      pdf={format === 'pdf'}
      onClose={onClose}
    >
      <SelectField label="Format" value={format} choices={REPORT_FORMAT_CHOICES} onValue={setFormat} />
      {REPORT_FORMATS[madeAs(format)].standalone && (
        <CheckField label="Standalone document" value={standalone} onValue={setStandalone} />
      )}
      <p className="muted">
        Runs with their cost, what the {noun} found, charts, protocol, and the command that makes it again.
        JSON has every number.
      </p>
    </ReportWindow>
  );
}
