import { percentText, type StudyEntry } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { useRoute } from '../../state/navigation.ts';
import { StudyList } from '../../studies/StudyList.tsx';
import { STUDIES } from '../../studies/words.ts';
import { sizesText, studyModels } from './messages.ts';
import { ScalingView } from './ScalingView.tsx';
import './scaling.css';

/** Scaling studies: the list, or one of them. */
export default function ScalingScreen() {
  const [study] = useRoute((place) => place.path);
  return study === undefined ? (
    <StudyList words={STUDIES} columns={COLUMNS} />
  ) : (
    <ScalingView key={study} study={study} />
  );
}

const COLUMNS: Column<StudyEntry>[] = [
  column('model', 'Model', 'text', ({ spec }) => studyModels(spec)),
  column('dataset', 'Data set', 'text', ({ spec }) => spec.dataset.name),
  column('sizes', 'Sizes', 'text', ({ spec }) => sizesText(spec)),
  column('shares', 'Users', 'text', ({ spec }) => spec.shares.map(percentText).join(', ')),
  column('done', 'Runs done', 'number', ({ done, cells }) => `${done} of ${cells}`),
];
