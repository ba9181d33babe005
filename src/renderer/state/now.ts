import { useEffect, useState } from 'react';

const TICK_MS = 500;

/** Unix milliseconds, told anew twice a second: for what shows how long something has taken. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
