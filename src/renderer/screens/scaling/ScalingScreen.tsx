import { useRoute } from '../../state/navigation.ts';
import { ScalingList } from './ScalingList.tsx';
import { ScalingView } from './ScalingView.tsx';
import './scaling.css';

/** Scaling studies: the list, or one of them. */
export default function ScalingScreen() {
  const [study] = useRoute((place) => place.path);
  return study === undefined ? <ScalingList /> : <ScalingView key={study} study={study} />;
}
