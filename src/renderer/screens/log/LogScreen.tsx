import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { LOG_AREAS, type LogQuery, type ProgramLog } from '../../../core/api/settings.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton } from '../../components/Button.tsx';
import { column } from '../../components/columns.ts';
import { CheckField, SearchField } from '../../components/controls.tsx';
import { saveFile } from '../../components/copy.ts';
import { LogLines } from '../../components/LogLines.tsx';
import { EmptyState, Screen } from '../../components/Screen.tsx';
import { Segments } from '../../components/Segments.tsx';
import { Select } from '../../components/Select.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { clockText, countText, grouped } from '../../format/format.ts';
import { api, client, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';

type Line = ProgramLog['lines'][number] & { message: string };

/** How often a log is read while it is followed. */
const AGAIN_MS = 2_000;
/** Lines of a report on a bug. */
const MOST = 50_000;

const TONES = { info: undefined, warn: 'warning', error: 'bad' } as const;

/** Three pixels in the color of the line's level. */
const edge = ({ level }: Line) =>
  level === 'info' ? undefined : `linear-gradient(var(--${TONES[level]}) 0 0) 0 / 3px 100% no-repeat`;

const COLUMNS = [
  column<Line>('time', 'Time', 'text', ({ time }) => clockText(time), { width: 192, background: edge }),
  column<Line>('area', 'Area', 'text', ({ area }) => area, {
    width: 88,
    render: ({ area }) => <span className="muted">{area}</span>,
  }),
  column<Line>('what', 'What', 'text', ({ message }) => message, {
    width: 900,
    render: ({ level, message }) => <span className={TONES[level]}>{message}</span>,
  }),
];

const SINCE = [
  { value: 'start', label: 'Since this start' },
  { value: 'stored', label: 'All that is stored' },
] as const;
const AREAS = [
  { value: 'any', label: 'Any area' },
  ...LOG_AREAS.map((area) => ({ value: area, label: area })),
] as const;

/** A text file for others: what is named in it of the home has stand-ins. */
async function saveReport(): Promise<void> {
  const [{ version, shell, platform }, { lines }] = await Promise.all([
    client.settings.system(),
    client.settings.log({ since: 'stored', most: MOST, anonymous: true }),
  ]);
  const rows = lines.map(({ time, level, area, text }) => [new Date(time).toISOString(), level, area, text]);
  const text = [[`Tessera ${version}, ${shell}, ${platform}`], ...rows].map((row) => `${row.join(' ')}\n`);
  await saveFile('tessera-log.txt', new Blob(text, { type: 'text/plain;charset=utf-8' }));
}

const saving: Action = {
  id: 'log.save',
  label: 'Save the log for a bug report',
  short: 'Save for a bug report',
  icon: Download,
  group: 'File',
  perform: () => void attempt('Could not save the log', saveReport),
};

/** The program's own log, from its last lines on. */
export default function LogScreen() {
  const [asked, setAsked] = useState<Pick<LogQuery, 'since' | 'level' | 'area' | 'find'>>({
    ...{ since: 'stored', level: 'info', area: null, find: '' },
  });
  const [follow, setFollow] = useState(true);
  const change = (changes: Partial<typeof asked>) => setAsked({ ...asked, ...changes });
  const log = useKeptQuery({
    ...api.settings.log.queryOptions({ input: asked }),
    refetchInterval: follow && AGAIN_MS,
  });
  const { data } = log;
  const lines = useMemo(() => data?.lines.map((line) => ({ ...line, message: line.text })), [data]);
  const { data: system } = useQuery(api.settings.system.queryOptions());
  useRegisteredActions([saving]);
  const count = (label: string, of: number | undefined) => (of ? `${label} ${grouped(of)}` : label);
  const isFiltered = asked.level !== 'info' || asked.area !== null || asked.find !== '';
  return (
    <Screen
      title="Log"
      up={{ label: 'Machines', href: routeLink('machines') }}
      aside={<span className="muted clip">What Tessera itself goes through</span>}
      actions={<ActionButton kind="primary" action={saving} />}
    >
      <div className="column shrinks flattens tall">
        <div className="toolbar bar-inset">
          <SearchField
            label="Find in the log"
            placeholder="Find in the log"
            value={asked.find}
            debounced
            onValue={(find) => change({ find: find.slice(0, 200) })}
          />
          <Segments
            label="Level"
            value={asked.level}
            choices={[
              { value: 'info', label: 'All' },
              { value: 'warn', label: count('Warnings', data?.warnings) },
              { value: 'error', label: count('Errors', data?.errors) },
            ]}
            onValue={(level) => change({ level })}
          />
          <Select
            aria-label="Area"
            value={asked.area ?? 'any'}
            choices={AREAS}
            onValue={(area) => change({ area: area === 'any' ? null : area })}
          />
          <Select
            aria-label="Since"
            value={asked.since}
            choices={SINCE}
            onValue={(since) => change({ since })}
          />
          <span className="push">
            <CheckField label="Follow" value={follow} onValue={setFollow} />
          </span>
        </div>
        {lines?.length === 0 ? (
          <div className="fill">
            <EmptyState title={emptyTitle(isFiltered, asked.since)} />
          </div>
        ) : (
          <LogLines columns={COLUMNS} lines={lines} query={log} follow={follow} onFollow={setFollow} />
        )}
        <ScreenFoot>
          <span>
            {data?.hasMore && `The last ${countText(data.lines.length, 'line')} of more. `}
            Saved for a bug report, names of runs, data sets, projects, hosts, users and paths are replaced.
          </span>
          {system && <code className="clip">{system.log}</code>}
        </ScreenFoot>
      </div>
    </Screen>
  );
}

function emptyTitle(isFiltered: boolean, since: LogQuery['since']): string {
  if (isFiltered) return 'No line matches';
  return since === 'start' ? 'Nothing since this start' : 'Nothing was logged yet';
}
