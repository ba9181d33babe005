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
import { confirmed } from '../../components/Confirm.tsx';
import { CopyLine } from '../../components/CopyButton.tsx';
import { copyText } from '../../components/copy.ts';
import { Menu } from '../../components/Menu.tsx';
import { Statement } from '../../components/Statement.tsx';
import { agoText, bytesText, durationText } from '../../format/format.ts';
import { client } from '../../state/api.ts';
import { schedulerOf } from '../../state/hosts.ts';
import { goTo } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { resultOf } from '../../state/steps.ts';
import { attempt, notify } from '../../state/toasts.ts';
import { useWork } from '../../state/work.ts';
import { JobForm } from './JobForm.tsx';

async function check(name: string, signal: AbortSignal, onProgress: (progress: HostProgress) => void) {
  return resultOf(await client.hosts.check({ name }, { signal }), onProgress);
}

/** What the last check found, line by line, with what can be done about it. */
export function HostDetail({ host }: { host: Host }) {
  const { name, report } = host;
  const scheduler = schedulerOf(host);
  const now = useNow(10_000);
  const work = useWork(check);
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
    <div className="scrolls">
      <div className="flex spread">
        <Statement fact={`${name} ${fact}`} limit={limit && `, ${limit}`} label="Last check">
          {work.isPending
            ? `${work.progress ? hostProgressText(work.progress) : 'Connecting'}…`
            : report && `Checked ${sinceText(report.at, now)} in ${durationText(report.seconds)}.`}
        </Statement>
        <div className="row rigid page-inset">
          {work.isPending ? (
            <Button onClick={work.stop}>Stop checking</Button>
          ) : (
            <Button kind={report ? 'normal' : 'primary'} onClick={() => work.start(name)}>
              <Icon of={RefreshCw} />
              {report ? 'Check again' : 'Check'}
            </Button>
          )}
          <HostMenu name={name} />
        </div>
      </div>
      <div className="stack gap-6 host-body">
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
        {scheduler ? (
          <JobForm key={JSON.stringify(host.job)} host={host} scheduler={scheduler} />
        ) : (
          <CopyLine text={`tessera host check ${name}`} what="the command" />
        )}
      </div>
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

function HostMenu({ name }: { name: string }) {
  const clean = (all: boolean) =>
    attempt(`Could not clean ${name}`, async () => {
      const { freedBytes } = await client.hosts.clean({ name, all });
      notify({ level: 'info', title: `Freed ${bytesText(freedBytes)} on ${name}` });
    });
  const cleanAll = async () => {
    const body = `The program, data sets and all else in Tessera's folder on ${name} will be removed; local data is kept.`;
    if (await confirmed({ title: `Remove all files on ${name}?`, body, action: 'Remove files' }))
      await clean(true);
  };
  const remove = async () => {
    const body = 'Its files there stay.';
    if (!(await confirmed({ title: `Remove ${name}?`, body, action: 'Remove' }))) return;
    if (await attempt(`Could not remove ${name}`, () => client.hosts.remove({ name })))
      goTo('settings', ['hosts']);
  };
  return (
    <Menu
      trigger={<Button aria-label={`More for ${name}`}>More</Button>}
      choices={[
        { label: 'Clean up what no run needs', perform: () => void clean(false) },
        { label: 'Remove all files there', perform: () => void cleanAll() },
        null,
        { label: 'Remove host', perform: () => void remove() },
      ]}
    />
  );
}

function sinceText(time: number, now: number): string {
  const ago = agoText(time, now);
  return /\d (min|h|days)$/.test(ago) ? `${ago} ago` : ago;
}
