import { useRoute } from '../../state/navigation.ts';
import { SweepList } from './SweepList.tsx';
import { SweepView } from './SweepView.tsx';
import './sweeps.css';

/** Sweeps: the list, or one of them. */
export default function SweepsScreen() {
  const [sweep] = useRoute((place) => place.path);
  return sweep === undefined ? <SweepList /> : <SweepView key={sweep} sweep={sweep} />;
}
