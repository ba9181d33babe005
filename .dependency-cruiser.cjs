/** Arrows point one way: renderer -> core/api; main -> core; core -> nobody; families -> training -> layers -> engine. */
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circular', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    forbid('core-knows-no-shell', { path: '^src/core' }, { path: '^src/(main|renderer)' }),
    forbid('core-knows-no-electron', { path: '^src/core' }, { path: 'node_modules/electron/' }),
    forbid('core-does-not-import-its-contract', { path: '^src/core/(?!api/)' }, { path: '^src/core/api/' }),
    forbid('renderer-sees-only-the-api', { path: '^src/renderer' }, { path: '^src/(main|core/(?!api/))' }),
    forbid(
      'api-runs-in-a-window',
      { path: '^src/core/api' },
      {
        path: '^src/core/(?!api/|(data/request|device-names|names|training/sources|store/types|evaluation/metrics-table|reports/(format|formats|run-colours)|scaling/study-choices)\\.ts)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    // What both need lies in core or workers: the hub must start without the analyst's libraries.
    forbid('hub-and-analyst-talk-by-contract', { path: '^src/main/hub' }, { path: '^src/main/analyst' }),
    forbid('analyst-and-hub-talk-by-contract', { path: '^src/main/analyst' }, { path: '^src/main/hub' }),
    // Shells are made of a hub, not the other way round.
    forbid(
      'processes-know-no-shell',
      { path: '^src/main/(hub|analyst|workers|data-folder)' },
      { path: '^src/main/(cli|browser|electron|window)' },
    ),
    forbid(
      'only-the-desktop-shell-knows-electron',
      { path: '^src/main/(?!electron/)' },
      { path: '(^|node_modules/)electron(/|$)' },
    ),
    forbid(
      'no-screen-knows-another',
      { path: '^src/renderer/screens/([^/]+)/' },
      { path: '^src/renderer/screens/[^/]+/', pathNot: '^src/renderer/screens/$1/' },
    ),
    forbid(
      'engine-knows-no-recommenders',
      { path: '^src/core/engine' },
      {
        path: '^src/core/(?!engine/|(errors|math/random|process-entry)\\.ts)',
      },
    ),
    forbid(
      'layers-use-only-the-engine',
      { path: '^src/core/layers' },
      {
        path: '^src/core/(?!engine/|layers/|(errors|math/random|process-entry)\\.ts)',
      },
    ),
    forbid(
      'evaluation-knows-no-models',
      { path: '^src/core/evaluation' },
      {
        path: '^src/core/(families|training|store|reports)',
      },
    ),
    forbid(
      'data-knows-no-models',
      { path: '^src/core/data' },
      {
        path: '^src/core/(families|training|store|reports|evaluation|engine|layers)',
      },
    ),
    forbid('no-orphans', { orphan: true, pathNot: '\\.(test|d)\\.ts$' }, {}),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js'] },
    exclude: { path: '\\.test\\.ts$' },
  },
};
