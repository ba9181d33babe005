/** Where each field of the window stands, and which fields keep nothing. */

/** The forms that e2e/drafts.spec.ts types into, each with its fields as typed-fields.ts finds them. */
export const FORMS = {
  'a new run': [
    'new-run/FormParts.tsx: Seeds',
    'new-run/FormParts.tsx: <SchemaForm>',
    'new-run/FormParts.tsx: Threads',
    'new-run/FormParts.tsx: Name',
    'new-run/FormParts.tsx: <ProjectField>',
    'new-run/FormParts.tsx: Tags',
    'new-run/ModelSection.tsx: <SchemaForm>',
    'new-run/PlaceFields.tsx: {scheduler.options[key] ?? key}',
    'new-run/PlaceFields.tsx: Extra script lines',
  ],
  'a new search': [
    'new-run/SearchSection.tsx: <TextField>',
    'new-run/VaryField.tsx: {label}',
    'new-run/VaryField.tsx: {name}',
  ],
  'a new study': ['new-run/ScalingSection.tsx: {label}', 'new-run/ScalingSection.tsx: <SchemaForm>'],
  'results of another program': [
    'results/ResultDialog.tsx: Seed',
    'results/ResultDialog.tsx: Program',
    'results/ResultDialog.tsx: Model',
    'results/ResultDialog.tsx: Name',
    'results/ResultDialog.tsx: Reported metrics',
  ],
  'tags and notes': ['runs/NotesDialog.tsx: <input>', 'runs/NotesDialog.tsx: Notes'],
  'the project of a run': ['runs/MoveDialog.tsx: <ProjectField>'],
  'the name of a run in the table': ['runs/table/columns.tsx: Name of the run'],
  'the name of a run on its page': ['screens/run/RunScreen.tsx: Name of the run'],
  'the name of a row of a comparison': ['screens/compare/MetricRow.tsx: Name of the row'],
  'a report': [
    'screens/compare/ReportDialog.tsx: {takes.titled}',
    'screens/compare/ReportDialog.tsx: Conclusion',
  ],
  'a bundle': ['runs/comparison/BundleDialog.tsx: Title of the bundle'],
  'a saved comparison': [
    'screens/compare/SaveComparisonDialog.tsx: Name',
    'screens/compare/SaveComparisonDialog.tsx: Conclusion',
    'screens/compare/SaveComparisonDialog.tsx: <ProjectField>',
  ],
  'an import': [
    'screens/datasets/ImportScreen.tsx: Name',
    'screens/datasets/ImportOptions.tsx: Min. per user',
    'screens/datasets/ImportOptions.tsx: Min. per item',
    'screens/datasets/ImportOptions.tsx: Minimum rating',
    'screens/datasets/ImportOptions.tsx: From day',
    'screens/datasets/ImportOptions.tsx: Until (exclusive)',
    'screens/datasets/ImportOptions.tsx: Seed of the shuffle',
  ],
  'runs of another tracker': ['screens/runs/ImportRuns.tsx: {…}'],
  'a prompt': [
    'screens/language/PromptsTab.tsx: User',
    'screens/language/PromptsTab.tsx: Maximum past interactions',
    'screens/language/PromptsTab.tsx: Maximum tokens',
    'screens/language/TemplateForm.tsx: {label}',
    'screens/language/TemplateForm.tsx: {…}',
    'screens/language/TemplateForm.tsx: Answer yes',
    'screens/language/TemplateForm.tsx: Answer no',
    'screens/language/TemplateForm.tsx: Template',
  ],
  'answers of a language model': [
    'screens/language/EvaluationPanel.tsx: Users (0: all)',
    'screens/language/EvaluationPanel.tsx: Users for the other tests',
    'screens/language/EvaluationPanel.tsx: Drawn candidates',
  ],
  'the user of a beam': ['screens/codebooks/beam/BeamTab.tsx: User'],
  'a picture': ['screens/codebooks/picture/PictureDialog.tsx: Title'],
  'a machine': [
    'screens/machines/AddHostDialog.tsx: Name',
    'screens/machines/AddHostDialog.tsx: Folder there',
  ],
  'jobs of a cluster': ['screens/machines/JobForm.tsx: Max. concurrent jobs'],
  'a project': ['screens/runs/ProjectMenu.tsx: Name', 'screens/runs/ProjectMenu.tsx: Description'],
  'the name of a view': ['screens/runs/ViewMenu.tsx: Name of the view'],
  settings: [
    'screens/settings/SettingsScreen.tsx: {SETTING_PLACES.threads.label}',
    'screens/settings/SettingsScreen.tsx: {DEVICE_NAMES[device]}',
  ],
} as const satisfies Record<string, readonly string[]>;

const FILTERS = 'only narrows what is shown';

/** Why what is typed is not tried there. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'actions/Palette.tsx: Command': FILTERS,
  'new-run/FormParts.tsx: Data set': FILTERS,
  'new-run/ModelField.tsx: Models': FILTERS,
  'new-run/NewRunForm.tsx: Find a setting': FILTERS,
  'runs/recommendations/UserBrowser.tsx: Search users': FILTERS,
  'screens/codebooks/items/ItemsPane.tsx: Search items by title': FILTERS,
  'screens/compare/RunPicker.tsx: Search runs to compare': FILTERS,
  'screens/datasets/ItemsTable.tsx: Search items': FILTERS,
  'screens/datasets/PreviewTable.tsx: Find a column': FILTERS,
  'screens/log/LogScreen.tsx: Find in the log': FILTERS,
  'screens/run/ConfigTab.tsx: Search the config': FILTERS,
  'screens/run/LogTab.tsx: Search the log': FILTERS,
  'screens/runs/ColumnsDialog.tsx: Search fields': FILTERS,
  'screens/runs/FilterField.tsx: Search runs':
    'only narrows what is shown; what it narrows by is in the address',
  'screens/compare/Practical.tsx: Does not matter up to':
    'changes what is shown; what it says is in the address',
  'app/DataFolderDialog.tsx: Folder': 'is forgotten where it is used: the last step of e2e/drafts.spec.ts',
  'new-run/own-presets.tsx: Name of the preset': 'is kept as every name that is typed where it stands',
  'screens/plans/ModelFields.tsx: <SchemaForm>': 'changes the file of the plan, which is kept',
  'screens/plans/ModelFields.tsx: Trials': 'changes the file of the plan, which is kept: PlanPage.test.tsx',
  'screens/plans/YamlField.tsx: File of the plan': 'is kept until it is saved: PlanPage.test.tsx',
  'components/FolderDialog.tsx: Folder': 'is shown by the desktop alone: FolderDialog.test.tsx',
};
