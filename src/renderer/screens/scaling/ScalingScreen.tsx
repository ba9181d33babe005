import { useRoute } from '../../state/navigation.ts';
import { StudyList } from './StudyList.tsx';
import { StudyView } from './StudyView.tsx';
import './scaling.css';

/** Scaling studies: the list, or one of them. */
export default function ScalingScreen() {
  const [study] = useRoute((place) => place.path);
  return study === undefined ? <StudyList /> : <StudyView key={study} study={study} />;
}
