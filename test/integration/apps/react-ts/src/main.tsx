import 'diffusion-elements';
import type {} from 'diffusion-elements/react';
import { createRoot } from 'react-dom/client';

createRoot(document.getElementById('app')!).render(
  <diffusion-sampler autoplay loading="eager" label="sneaker" steps={2} seed="3" />,
);
