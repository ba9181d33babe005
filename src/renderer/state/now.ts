import { useEffect, useState } from 'react';

const TICK_MS = 500;

/** Unix milliseconds, updated twice a second, to show how long something has taken. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
