import { useRoom } from '../../../charts/use-room.ts';
import { CategoryLegend } from '../categories/CategoryLegend.tsx';
import { CategoryPanel } from '../categories/CategoryPanel.tsx';
import { Narrowed } from '../Narrowed.tsx';
import { TreePanel } from './TreePanel.tsx';

/** The tree of prefixes below the selected one, and its categories. */
export function PrefixesTab() {
  return <Narrowed>{(categories) => <Prefixes categories={categories} />}</Narrowed>;
}

function Prefixes({ categories }: { categories: readonly string[] }) {
  const [pair, room] = useRoom<HTMLDivElement>();
  return (
    <div className="codebook-flow flow">
      <CategoryLegend categories={categories} />
      <div className="panels" ref={pair}>
        <TreePanel categories={categories} room={room} />
        <CategoryPanel categories={categories} room={room} />
      </div>
    </div>
  );
}
