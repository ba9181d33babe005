import { useQuery } from '@tanstack/react-query';
import { Check, RefreshCw, TriangleAlert } from 'lucide-react';
import {
  HOST_CHECKS,
  type Host,
  type HostCheckLine,
  type HostProgress,
  type HostRemedy,
  hostProgressText,
  hostVerdict,
} from '../../../core/api/hosts.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { CopyLine } from '../../components/CopyButton.tsx';
import { copyText } from '../../components/copy.ts';
import { Statement } from '../../components/Statement.tsx';
import { agoText, durationText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { useNow } from '../../state/now.ts';
import { resultOf } from '../../state/steps.ts';
import { attempt } from '../../state/toasts.ts';
import { useWork } from '../../state/work.ts';

async function check(name: string, signal: AbortSignal, onProgress: (progress: HostProgress) => void) {
  return resultOf(await client.hosts.check({ name }, { signal }), onProgress);
}

/** A check of a host, which its page can begin too; what it finds stays in sight where `onStart` shows it. */
export function useHostCheck(onStart: () => void) {
  const work = useWork(check);
  const start = (name: string) => {
    onStart();
    work.start(name);
  };
  return { ...work, start };
}
export type RunningCheck = ReturnType<typeof useHostCheck>;

/** What the last check found, line by line, with what can be done about it. */
export function HostCheck({ host, work }: { host: Host; work: RunningCheck }) {
  const { name, report } = host;
  const now = useNow(10_000);
  const { data: system } = useQuery(api.settings.system.queryOptions());
  const { fact, limit } = hostVerdict(report);
  const act = async (remedy: HostRemedy) => {
    const { action } = remedy;
    if (action === null) return void copyText(remedy.command, `Copied ${remedy.command}`);
    const done = await attempt(`Could not change ${name}`, async () => {
      await (action.does === 'clean' ? client.hosts.clean({ name }) : client.hosts.add(action.changes));
    });
    if (done) work.start(name);
  };
  return (
    <div className="flow">
      <div className="flex spread">
        <Statement fact={`${name} ${fact}`} limit={limit && `, ${limit}`} label="Last check">
          {work.isPending
            ? `${work.progress ? hostProgressText(work.progress) : 'Connecting'}…`
            : report && `Checked ${sinceText(report.at, now)} in ${durationText(report.seconds)}.`}
        </Statement>
        {work.isPending ? (
          <Button onClick={work.stop}>Stop checking</Button>
        ) : (
          <Button kind={report ? 'normal' : 'primary'} icon={RefreshCw} onClick={() => work.start(name)}>
            {report ? 'Check again' : 'Check'}
          </Button>
        )}
      </div>
      {work.failure && <p className="field-problem">{work.failure}</p>}
      {!report && !work.isPending && (
        <p className="muted">
          A check sends the program and its Node once, about 100 MB, and tries every device there.
        </p>
      )}
      {report && (
        <ul className="line-above" aria-label="What was checked">
          {report.lines.map((line) => (
            <CheckLine key={line.key} line={line} busy={work.isPending} onRemedy={act} />
          ))}
        </ul>
      )}
      <CopyLine text={`${system?.commandLine ?? 'tessera'} host check ${name}`} what="the command" />
    </div>
  );
}

interface CheckLineProps {
  line: HostCheckLine;
  busy: boolean;
  onRemedy(remedy: HostRemedy): Promise<void>;
}

const SIGNS = { ok: 'muted', note: 'warning', problem: 'bad' };

function CheckLine({ line: { key, state, text, aside, remedy }, busy, onRemedy }: CheckLineProps) {
  return (
    <li className="host-line grid gap-3 middle line-below">
      <span className={`row ${SIGNS[state]}`}>
        <Icon of={state === 'ok' ? Check : TriangleAlert} />
      </span>
      <strong>{HOST_CHECKS[key]}</strong>
      <span className="muted">{text}</span>
      <span className="small muted">{aside}</span>
      {remedy && (
        <Button disabled={busy} title={remedy.command} onClick={() => void onRemedy(remedy)}>
          {remedy.title}
        </Button>
      )}
    </li>
  );
}

/** "12 min ago", "yesterday" */
export function sinceText(time: number, now: number): string {
  const ago = agoText(time, now);
  return /\d (min|h|days)$/.test(ago) ? `${ago} ago` : ago;
}
