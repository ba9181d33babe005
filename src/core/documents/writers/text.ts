/** Text of users (names, configs) made safe for each output. Every writer passes all of it through here. */

// Control characters, line separators, and the marks that reorder text on the screen.
const unprintable = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** One line without control characters, escape sequences and marks that change the reading direction. */
export function cleanText(text: string): string {
  // Nearly all texts are plain: to look for such characters in each takes several times as long.
  return /[^ -~]|^ | $/.test(text) ? text.replace(unprintable, ' ').trim() : text;
}

/** The same of several lines, whose breaks, tabs and spaces stay. */
export function cleanLines(text: string): string {
  return text.replace(unprintable, (marks) => marks.replace(/[^\n\t]+/g, ' '));
}

/** For element content and quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return cleanText(text).replace(/[&<>"']/g, (character) => entities[character]);
}

/** For a cell of a Markdown table: nothing in the text becomes markup, a link or HTML. */
export function escapeMarkdown(text: string): string {
  return cleanText(text)
    .replace(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/(https?|ftp|www)(?=[:.])/gi, '$1&#8203;')
    .replace(/@/g, '&#64;');
}

/**
 * A field of a CSV file (RFC 4180). Text that a spreadsheet would run as a formula gets a leading apostrophe.
 */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const cleaned = cleanText(value);
  const inert = /^[=+\-@]/.test(cleaned) ? `'${cleaned}` : cleaned;
  return /[",;\n\r\t]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

const latexEscapes: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  "'": '\\textquotesingle{}',
  '`': '\\textasciigrave{}',
  '–': '--',
  '—': '---',
  '…': '\\ldots{}',
  '±': '$\\pm$',
  '×': '$\\times$',
  '≤': '$\\le$',
  '≥': '$\\ge$',
  '−': '$-$',
  '†': '$\\dagger$',
  '“': '\\textquotedblleft{}',
  '”': '\\textquotedblright{}',
  '‘': '\\textquoteleft{}',
  '’': '\\textquoteright{}',
  // What editors and web pages put between and into words.
  '\u00a0': '~',
  '\u2009': '\\,',
  '\u202f': '\\,',
  '\u200b': '',
  '\u2010': '-',
  '\u2011': '-',
  '€': '\\texteuro{}',
  '™': '\\texttrademark{}',
  '→': '$\\to$',
  '≈': '$\\approx$',
  '∞': '$\\infty$',
};

const greek: Record<string, string> = Object.fromEntries(
  'α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Φ Phi Ψ Psi Ω Omega'
    .split(' ')
    .flatMap((name, at, names) => (at % 2 === 0 ? [[name, `$\\${names[at + 1]}$`]] : [])),
);

/** Latin-1 and Latin Extended-A, less the letters that pdfLaTeX does not know. */
const latinLetter = /(?![ĦħĸĿŀŉŦŧſ\u00ad])[\u00a1-\u017f]/;

/**
 * For LaTeX text in T1 encoding with textcomp. Characters that pdfLaTeX cannot set are written as their code point,
 * for example [U+4E2D].
 */
export function escapeLatex(text: string): string {
  const betweenHyphens = /(?<=-)(?=-)/;
  const parts = cleanText(text).normalize('NFC').split(betweenHyphens);
  return parts.map((part) => Array.from(part, latexCharacter).join('')).join('{}');
}

function latexCharacter(character: string): string {
  const known = latexEscapes[character] ?? greek[character];
  if (known !== undefined) return known;
  if (/[ -~]/.test(character) || latinLetter.test(character)) return character;
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** Made when it is first needed: that takes longer than many a command. */
let graphemes: Intl.Segmenter | undefined;
/** Characters that each stand alone in one column: letters of Europe, dashes, quotation marks and signs of numbers. */
const narrow = /^[ -~\u00a1-\u02ff\u2010-\u2027\u2212]*$/;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;

/** Columns a terminal needs for a text without escape sequences. */
export function terminalWidth(text: string): number {
  // Nearly all texts are: to find the characters of others takes a hundred times as long.
  if (narrow.test(text)) return text.length;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** The paragraphs of a text, which blank lines part. */
export function paragraphs(text = ''): string[] {
  return text
    .split(/\n\s*\n/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
