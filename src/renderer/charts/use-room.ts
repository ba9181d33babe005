import { type RefObject, useEffect, useRef, useState } from 'react';

const LEAST = 380;
/** What stands above a chart, and the space below it. */
const AROUND = 56;

/**
 * How high a chart at the end of a view may be without scrolling it, or a usual height where that is more. The element is
 * one of those that the view is made of.
 */
export function useRoom<T extends HTMLElement>(): [RefObject<T | null>, number] {
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
