import type { ListedItem } from '../../../core/api/recommend.ts';
import { Chip } from '../../components/lists.tsx';

export function nameOf({ id, title }: { id: string; title: string | null }): string {
  return title ?? id;
}

interface ItemNameProps {
  item: ListedItem;
  /** What is special about it here. */
  marks?: readonly string[];
}

/** An item by its title with its categories, and what it is marked as. */
export function ItemName({ item, marks = [] }: ItemNameProps) {
  const kinds = item.categories.join(', ');
  return (
    <span
      className="item-name grow row wrap"
      title={[`${nameOf(item)} (${item.id})`, kinds].filter(Boolean).join('\n')}
    >
      <span className="row" style={{ maxWidth: '100%' }}>
        <span className="clip">{nameOf(item)}</span>
        {marks.map((mark) => (
          <Chip key={mark} tone="line">
            {mark}
          </Chip>
        ))}
      </span>
      {kinds && <span className="item-kinds clip shrinks small faint">{kinds}</span>}
    </span>
  );
}
