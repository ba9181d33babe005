/** An item as lists show it. */
export interface NamedItem {
  /** Dense id. */
  item: number;
  /** As in the imported files. */
  id: string;
  title: string | null;
}
