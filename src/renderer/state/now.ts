import { useEffect, useState } from 'react';

const TICK_MS = 500;

/** Unix milliseconds, updated twice a second or as often as asked, to show how long something has taken or is ago. */
export function useNow(everyMs = TICK_MS): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
