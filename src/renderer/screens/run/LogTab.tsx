import { useMemo, useState } from 'react';
import { type LogEntry, phaseOf, type RunRecord } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column } from '../../components/columns.ts';
import { CheckField, SearchField } from '../../components/controls.tsx';
import { LogLines } from '../../components/LogLines.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { clockText } from '../../format/format.ts';
import { api, useKeptQuery } from '../../state/api.ts';

const LEVELS = [
  { value: 'info', label: 'Everything' },
  { value: 'warn', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors' },
] as const;
type Level = LogEntry['level'];
const NEWEST = 500;
const ORDER: Level[] = ['info', 'warn', 'error'];

const TONES: Partial<Record<LogEntry['level'], string>> = { warn: 'warning', error: 'bad' };

const COLUMNS: Column<LogEntry>[] = [
  column('time', 'Time', 'text', ({ time }) => clockText(time), { width: 192 }),
  column('level', 'Level', 'text', ({ level }) => level, {
    width: 80,
    render: ({ level }) => <span className={TONES[level]}>{level}</span>,
  }),
  column('message', 'Message', 'text', ({ message }) => message, { width: 900 }),
];

/** What the trainer said. While the run trains the newest line is kept in sight, until the user scrolls away. */
export function LogTab({ run }: { run: RunRecord }) {
  const [whole, setWhole] = useState(false);
  // While a run trains its log is asked for again and again.
  const most = whole || phaseOf(run.status) !== 'hosted' ? undefined : NEWEST;
  const log = useKeptQuery(api.runs.logs.queryOptions({ input: { run: run.id, most } }));
  const [search, setSearch] = useState('');
  const [level, setLevel] = useState<Level>('info');
  const [follow, setFollow] = useState(true);
  const entries = useMemo(() => {
    const text = search.trim().toLowerCase();
    return log.data?.filter(
      (entry) =>
        ORDER.indexOf(entry.level) >= ORDER.indexOf(level) && entry.message.toLowerCase().includes(text),
    );
  }, [log.data, search, level]);
  if (log.data?.length === 0) {
    return <EmptyState title="Nothing was logged" text="Messages from the trainer appear here." />;
  }
  return (
    <div className="column shrinks flattens tall">
      <div className="toolbar">
        <SearchField label="Search the log" placeholder="Search" value={search} onValue={setSearch} />
        <Select aria-label="Level" value={level} choices={LEVELS} onValue={setLevel} />
        {most !== undefined && most === log.data?.length && (
          <Button kind="quiet" onClick={() => setWhole(true)}>
            Show lines before these {NEWEST}
          </Button>
        )}
        <span className="push">
          <CheckField label="Follow" value={follow} onValue={setFollow} />
          <CopyMenu framed what="log" columns={COLUMNS} rows={() => entries ?? []} />
        </span>
      </div>
      <LogLines columns={COLUMNS} lines={entries} query={log} follow={follow} onFollow={setFollow} />
    </div>
  );
}
