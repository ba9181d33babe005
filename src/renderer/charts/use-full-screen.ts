import { useEffect, useState } from 'react';
import { useLayer } from '../state/layers.ts';

/** What stands above a chart that fills the window, and the space around it. */
const AROUND = 88;
const LEAST = 240;

export interface FullScreen {
  isFull: boolean;
  setFull(full: boolean): void;
  /** What the chart is high now. */
  height: number;
}

/** Whether a chart fills the window, and how high it then is; otherwise as high as it says. */
export function useFullScreen(usual: number): FullScreen {
  const [isFull, setFull] = useState(false);
  const [room, setRoom] = useState(0);
  useLayer(isFull);
  useEffect(() => {
    if (!isFull) return;
    const measure = () => setRoom(Math.max(LEAST, window.innerHeight - AROUND));
    measure();
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, [isFull]);
  return { isFull, setFull, height: isFull && room > 0 ? room : usual };
}
