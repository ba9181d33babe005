import { Screen } from '../../components/Screen.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { goTo, useRoute } from '../../state/navigation.ts';
import { ModelPage } from './ModelPage.tsx';
import { ModelsTab } from './ModelsTab.tsx';
import { PipelineTab } from './PipelineTab.tsx';
import { PromptsTab } from './PromptsTab.tsx';
import { StagesPage } from './StagesPage.tsx';
import './language.css';

/** Language models: what their prompts look like, and which run fed which. */
export default function LanguageScreen() {
  const tab = useRoute(({ path }) => path[0] ?? 'prompts');
  const model = useRoute(({ path }) => (path[0] === 'model' ? path[1] : undefined));
  const staged = useRoute(({ path }) => (path[0] === 'stages' ? path[1] : undefined));
  if (staged !== undefined) return <StagesPage key={staged} run={staged} />;
  if (model !== undefined) return <ModelPage key={model} path={model} />;
  return (
    <Screen title="Language">
      <Tabs
        label="Views of language models"
        current={tab}
        onChange={(id) => goTo('language', [id])}
        tabs={[
          { id: 'prompts', title: 'Prompts', content: <PromptsTab /> },
          { id: 'pipeline', title: 'Pipeline', content: <PipelineTab /> },
          { id: 'models', title: 'Pretrained models', content: <ModelsTab /> },
        ]}
      />
    </Screen>
  );
}
