import { Tabs } from '../../components/Tabs.tsx';
import { goTo, useRoute } from '../../state/navigation.ts';
import { PipelineTab } from './PipelineTab.tsx';
import { PromptsTab } from './PromptsTab.tsx';
import './language.css';

/** Language models: what their prompts look like, and which run fed which. */
export default function LanguageScreen() {
  const tab = useRoute(({ path }) => path[0] ?? 'prompts');
  return (
    <main className="screen">
      <header className="screen-header">
        <h1>Language</h1>
      </header>
      <Tabs
        label="Views of language models"
        current={tab}
        onChange={(id) => goTo('language', [id])}
        tabs={[
          { id: 'prompts', title: 'Prompts', content: <PromptsTab /> },
          { id: 'pipeline', title: 'Pipeline', content: <PipelineTab /> },
        ]}
      />
    </main>
  );
}
