import { DARK_COLOURS } from '../run-colours.ts';

const dark = DARK_COLOURS.map((colour, at) => `--c${at}: ${colour};`).join(' ');

/** What a page that answers by itself adds to the style of a report: contents at the left, two themes; on paper nothing. */
export const pageStyle = `
.answers, nav { display: none; }
@media screen {
  :root { --canvas: #f5f5f2; --hover: #f0f0ec; --sunken: #efefeb; }
  @media (prefers-color-scheme: dark) {
    :root { color-scheme: dark; --page: #151614; --canvas: #0f100e; --hover: #20211e; --sunken: #232421; --ink: #ecece6; --soft: #abaca3;
      --hair: #292a27; --strong: #3b3c38; --accent: #9aa9ff; --warn: #e5b35c; ${dark} }
    figure, .legend { --ink: #1a1b18; --soft: #56574f; background: #fff; color: #1a1b18; padding: 8px; border-radius: 4px; }
  }
  body { max-width: none; padding: 0; display: grid; grid-template-columns: 232px minmax(0, 1fr); }
  nav { display: flex; flex-direction: column; position: sticky; top: 0; height: 100vh; padding: 28px 20px; overflow: auto;
    background: var(--canvas); border-right: 1px solid var(--hair); }
  nav .name { font-weight: 650; margin: 0 0 20px; overflow-wrap: anywhere; }
  nav ul { list-style: none; margin: 0 0 auto; padding: 0; }
  nav a { display: block; padding: 5px 8px; border-radius: 4px; color: var(--soft); text-decoration: none; overflow-wrap: anywhere; }
  nav a:hover, nav a:focus-visible { background: var(--page); color: var(--ink); }
  main { max-width: 1208px; padding: 36px 56px 80px; }
  #verdict h1 { font-size: 32px; line-height: 39px; max-width: 900px; }
  .files { display: flex; gap: 6px; margin-top: 8px; }
  button, select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--strong); border-radius: 4px; height: 28px; padding: 0 10px; }
  button:hover, select:hover { background: var(--hover); }
  .live .answers { display: grid; grid-template-columns: minmax(0, 1.45fr) minmax(0, 1fr); gap: 0 48px; margin-top: 20px; }
  .live .paper { display: none; }
  .answers section { margin-top: 28px; } .answers section:empty { display: none; }
  .controls, #differences { grid-column: 1 / -1; } .answers #differences { margin-top: 8px; }
  #parts:empty + #user { grid-column: 1 / -1; }
  .controls { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
  .controls > .soft { margin-left: auto; font-size: 12px; }
  .segments { display: flex; background: var(--sunken); border-radius: 4px; }
  .segments button { background: none; border-color: transparent; font-weight: 500; color: var(--soft); }
  .segments button[aria-pressed="true"] { background: var(--page); border-color: var(--strong); color: var(--ink); }
  .choice select { font-weight: 600; max-width: 260px; }
  #differences td, #differences th { height: 38px; }
  #differences tbody tr:hover, #differences tr.base { background: var(--hover); }
  #differences p.soft, .answers p.soft { font-size: 12px; }
  .bars { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 2px 12px; align-items: center; height: 29px; font-size: 12px; }
  .bars bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .bar-room { display: flex; gap: 2px; align-items: center; padding-right: 56px; white-space: nowrap; }
  .bar { height: 18px; border-radius: 2px; overflow: hidden; padding-left: 5px; font-size: 11px; line-height: 18px; flex: none; }
  .bar:empty { padding: 0; } .bar-room b { padding-left: 4px; }
  .ranks { list-style: none; margin: 0; padding: 0; }
  .ranks li { display: grid; grid-template-columns: 16px minmax(0, 1fr) auto 84px; align-items: center; height: 29px; border-bottom: 1px solid var(--hair); }
  .ranks .n { text-align: right; } .ranks .swatch { margin: 0; }
  .tiles { display: flex; gap: 3px; } .tile { width: 9px; height: 9px; border-radius: 2px; background: var(--sunken); }
  .tip { position: fixed; z-index: 1; width: 290px; padding: 10px 14px; background: var(--page); border: 1px solid var(--strong);
    border-radius: 8px; box-shadow: 0 8px 24px rgb(0 0 0 / 18%); font-size: 12px; pointer-events: none; }
  .tip[hidden] { display: none; } .tip-head { display: flex; justify-content: space-between; gap: 12px; margin: 0; }
  .tip dl { grid-template-columns: 1fr max-content; gap: 0 12px; } .tip dd { text-align: right; }
  .said:empty { display: none; } .said { position: fixed; bottom: 16px; right: 24px; }
  main figure { max-width: 760px; }
  main h2, main section { scroll-margin-top: 16px; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
  @media (max-width: 900px) {
    body { display: block; } nav { position: static; height: auto; } main { padding: 24px 16px; }
    .live .answers { display: block; }
  }
}
`;
