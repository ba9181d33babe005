import { Plug } from 'lucide-react';
import { Icon } from '../components/Button.tsx';

/** The program that a run comes from, beside its name. */
export function OriginChip({ program }: { program: string }) {
  return (
    <span className="chip origin" title={`Trained by ${program}, not by Tessera`}>
      <Icon of={Plug} />
      <span className="clip">{program}</span>
    </span>
  );
}
