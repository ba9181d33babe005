/** The addresses in a text, and what stands between them. */
export function textParts(text: string): { text: string; href?: string }[] {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/)
    .map((part, at) => (at % 2 === 1 ? { text: part, href: part } : { text: part }))
    .filter((part) => part.text !== '');
}

/** Text as it was typed; what is an address is a link that opens outside of the window. */
export function LinkedText({ text }: { text: string }) {
  return textParts(text).map(({ text: part, href }, at) =>
    href ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have nothing but their place
      <a key={at} href={href} target="_blank" rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );
}
