/** As many characters of the end stay in sight: names of runs end in what tells them apart. */
const END = 14;

/**
 * A line that is cut in its middle where it does not fit. What it stands in has it as its label: read aloud, the parts are
 * two words.
 */
export function MiddleText({ text }: { text: string }) {
  const cut = Math.max(0, text.length - END);
  return (
    <span className="middle-text">
      <span className="clip">{text.slice(0, cut)}</span>
      <span>{text.slice(cut)}</span>
    </span>
  );
}
