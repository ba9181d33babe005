interface SegmentsProps<T extends string> {
  label: string;
  choices: readonly { value: T; label: string }[];
  /** Null where it is none of them. */
  value: T | null;
  className?: string;
  onValue(value: NoInfer<T>): void;
}

/** A few choices beside each other, of which one is pressed; a digit presses the one at its place. */
export function Segments<T extends string>({
  label,
  choices,
  value,
  className = '',
  onValue,
}: SegmentsProps<T>) {
  return (
    <fieldset
      className={`segments flex ${className}`}
      aria-label={label}
      onKeyDown={({ key, ctrlKey, metaKey, altKey }) => {
        const choice = ctrlKey || metaKey || altKey ? undefined : choices[Number(key) - 1];
        if (choice) onValue(choice.value);
      }}
    >
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onValue(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </fieldset>
  );
}
