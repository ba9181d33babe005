import { metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle, settingTitle } from '../../../core/api/models.ts';
import { type StudyEntry, seedMeanText } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { useRoute } from '../../state/navigation.ts';
import { StudyList } from '../../studies/StudyList.tsx';
import { SWEEPS } from '../../studies/words.ts';
import { SweepView } from './SweepView.tsx';

/** Sweeps: the list, or one of them. */
export default function SweepsScreen() {
  const [sweep] = useRoute((place) => place.path);
  return sweep === undefined ? (
    <StudyList words={SWEEPS} columns={COLUMNS} />
  ) : (
    <SweepView key={sweep} sweep={sweep} />
  );
}

const metricOf = ({ sweep }: StudyEntry['spec']) => sweep?.metric ?? '';

const COLUMNS: Column<StudyEntry>[] = [
  column('model', 'Model', 'text', ({ spec }) => modelTitle(spec.model)),
  column('dataset', 'Data set', 'text', ({ spec }) => spec.dataset.name),
  column(
    'varied',
    'Varied',
    'text',
    ({ spec }) => spec.sweep?.vary.map(({ key }) => settingTitle(key)).join(', ') ?? '',
  ),
  column('done', 'Trials done', 'number', ({ done, cells }) => `${done} of ${cells}`),
  column('metric', 'Chosen by', 'text', ({ spec }) => metricLabel(metricOf(spec))),
  column('best', 'Best', 'number', ({ best, spec }) => seedMeanText(best?.value ?? null, metricOf(spec))),
];
