import type { ListedItem } from '../../../core/api/recommend.ts';

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
    <span className="item-name" title={[`${nameOf(item)} (${item.id})`, kinds].filter(Boolean).join('\n')}>
      <span className="item-main">
        <span className="item-title">{nameOf(item)}</span>
        {marks.map((mark) => (
          <span key={mark} className="item-mark">
            {mark}
          </span>
        ))}
      </span>
      {kinds && <span className="item-kinds">{kinds}</span>}
    </span>
  );
}
