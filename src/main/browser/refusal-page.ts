import { capital } from '../../core/names.ts';

/** A page for whom the window is not open: it may load nothing, so that it brings what it needs. Colours are those of the window. */
const STYLE = `
  :root { color-scheme: light dark; --background: #ffffff; --text: #1a1b18; --muted: #56574f; --accent: #2f45c5; }
  @media (prefers-color-scheme: dark) {
    :root { --background: #151614; --text: #ecece6; --muted: #abaca3; --accent: #9aa9ff; }
  }
  body { background: var(--background); color: var(--text); font: 15px/24px "IBM Plex Sans", system-ui, sans-serif; }
  main { max-width: 30em; margin: 22vh auto 0; padding: 0 24px; }
  h1 { margin: 16px 0 4px; font-size: 18px; }
  p { margin: 0 0 8px; }
  p + p { color: var(--muted); }
  i { display: inline-block; width: 10px; height: 10px; margin-right: 4px; border-radius: 2px; background: var(--accent); }
  code { font-size: 14px; }
`;

/** `reason`: what to do, in the words of the program. */
export function refusalPage(reason: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tessera</title>
<style>${STYLE}</style>
<main>
<div aria-hidden="true"><i></i><i></i><i></i></div>
<h1>Open Tessera by its link</h1>
<p>${capital(reason)}.</p>
<p>A link lets one browser in, once. Run <code>tessera serve</code> to get another one. Your data is safe.</p>
</main>
</html>
`;
}
