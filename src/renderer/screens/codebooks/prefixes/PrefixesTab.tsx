import { type RefObject, useEffect, useRef, useState } from 'react';
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

const LEAST = 380;
/** What stands above a chart, and the space below it. */
const AROUND = 56;

/**
 * How high a chart at the end of a view may be without scrolling it, or a usual height where that is more. The element is
 * one of those that the view is made of.
 */
function useRoom<T extends HTMLElement>(): [RefObject<T | null>, number] {
  const ref = useRef<T>(null);
  const [room, setRoom] = useState(LEAST);
  useEffect(() => {
    const view = ref.current?.parentElement;
    const panel = view?.parentElement;
    if (!view || !panel) return;
    const topOf = (element: Element | null) => element?.getBoundingClientRect().top ?? 0;
    const measure = () => {
      const top = Math.max(0, topOf(panel)) + topOf(ref.current) - topOf(view);
      setRoom(Math.max(LEAST, Math.floor(window.innerHeight - top - AROUND)));
    };
    const observer = new ResizeObserver(measure);
    for (const element of [view, panel]) observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, room];
}
