import { useQuery } from '@tanstack/react-query';
import { studyCommand, trainCommands } from '../../core/api/studies.ts';
import { CopyButton } from '../components/CopyButton.tsx';
import { api } from '../state/api.ts';
import type { Asked } from './asked.ts';

/** All commands, as lines; empty until the program is known. */
function useCommands({ runs, studies }: Asked): string[] {
  const { data: system } = useQuery(api.settings.system.queryOptions());
  if (!system) return [];
  return [
    ...studies.map(({ name, request }) => studyCommand(system, name, request)),
    ...runs.flatMap((request) => trainCommands(system, request).split('\n')),
  ];
}

/** What does the same in a terminal: the first command is shown, all are copied. */
export function CommandPanel({ asked }: { asked: Asked }) {
  const commands = useCommands(asked);
  const [first = ''] = commands;
  return (
    <section className="new-run-commands" aria-label="Commands">
      <div className="new-run-estimate-head flex middle spread">
        <h3>{commands.length > 1 ? 'Commands' : 'Command'}</h3>
        <CopyCommands asked={asked} />
      </div>
      <code className="code-block" title={commands.join('\n')}>
        {first.replace(/ (train|sweep|study) .*/, (options) => options.replaceAll(' --', '\n  --'))}
        {commands.length > 1 && <span className="muted">{`\nand ${commands.length - 1} more`}</span>}
      </code>
    </section>
  );
}

export function CopyCommands({ asked, children }: { asked: Asked; children?: string }) {
  return (
    <CopyButton what="the commands" text={useCommands(asked).join('\n')}>
      {children}
    </CopyButton>
  );
}
