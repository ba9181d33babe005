import { Narrowed } from '../Narrowed.tsx';
import { useWorkbench } from '../workbench.ts';
import { ItemCard } from './ItemCard.tsx';
import { ItemsPane } from './ItemsPane.tsx';

/** One item and its codes, or a list to find it in. */
export function ItemTab() {
  const { place } = useWorkbench();
  return place.item === null ? <Narrowed>{() => <ItemsPane />}</Narrowed> : <ItemCard item={place.item} />;
}
