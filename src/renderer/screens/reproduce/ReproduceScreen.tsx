import type { LookRequest } from '../../../core/api/reproduce.ts';
import { FileButton } from '../../app/FilePicker.tsx';
import { EmptyState, Screen } from '../../components/Screen.tsx';
import { shell } from '../../shell/window-shell.ts';
import { takeFiles } from '../../state/drops.ts';
import { goTo, useRoute } from '../../state/navigation.ts';
import { AfterView } from './AfterView.tsx';
import { BeforeView } from './BeforeView.tsx';
import '../../studies/studies.css';

/** What to expect of runs that are made again, of a run, a report or a bundle; or what came of them. */
export default function ReproduceScreen() {
  const [kind, what] = useRoute(({ path }) => path);
  const query = useRoute((place) => place.query);
  if (kind === 'done') return <AfterView runs={(query.get('runs') ?? '').split(',').filter(Boolean)} />;
  if (what === undefined) return <ChooseFile />;
  const of: LookRequest['of'] = kind === 'file' ? { kind, path: what } : { kind: 'run', run: what };
  const data = query.get('data')?.split('\n').filter(Boolean) ?? [];
  return <BeforeView key={`${kind} ${what}`} of={of} data={data} />;
}

/** Without anything named: a report or a bundle from the disk. */
function ChooseFile() {
  const take = (files: File[]) =>
    void takeFiles(
      (watch) => shell.takeFiles(files, watch),
      ([path]) => goTo('reproduce', ['file', path]),
    );
  return (
    <Screen title="Reproduce">
      <EmptyState
        title="What is to be made again?"
        text="A report as a page (HTML) or a bundle (ZIP); a run is made again from its page."
      >
        <FileButton
          label="Choose a report or a bundle"
          kind="primary"
          accept=".html,.htm,.zip"
          onFiles={take}
        />
      </EmptyState>
    </Screen>
  );
}
