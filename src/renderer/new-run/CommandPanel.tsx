import { useQuery } from '@tanstack/react-query';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import { CopyButton } from '../components/CopyButton.tsx';
import { api } from '../state/api.ts';
import { trainCommands } from './train-command.ts';

/** All commands, as lines; empty until the program is known. */
function useCommands(requests: readonly EnqueueRequest[]): string[] {
  const { data: system } = useQuery(api.settings.system.queryOptions());
  if (!system) return [];
  return requests.flatMap((request) => trainCommands(system, request).split('\n'));
}

/** What does the same in a terminal: the first command is shown, all are copied. */
export function CommandPanel({ requests }: { requests: readonly EnqueueRequest[] }) {
  const commands = useCommands(requests);
  const [first = ''] = commands;
  return (
    <section className="new-run-commands" aria-label="Commands">
      <div className="new-run-estimate-head flex middle spread">
        <h3>{commands.length > 1 ? 'Commands' : 'Command'}</h3>
        <CopyCommands requests={requests} />
      </div>
      <code className="code-block" title={commands.join('\n')}>
        {first.replace(/ train .*/, (options) => options.replaceAll(' --', '\n  --'))}
        {commands.length > 1 && <span className="muted">{`\nand ${commands.length - 1} more`}</span>}
      </code>
    </section>
  );
}

interface CopyCommandsProps {
  requests: readonly EnqueueRequest[];
  children?: string;
}

export function CopyCommands({ requests, children }: CopyCommandsProps) {
  return (
    <CopyButton what="the commands" text={useCommands(requests).join('\n')}>
      {children}
    </CopyButton>
  );
}
