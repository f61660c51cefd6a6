import 'diffusion-elements';
import type {} from 'diffusion-elements/preact';
import { render } from 'preact';

render(
  <diffusion-sampler autoplay loading="eager" label="sneaker" steps={2} seed="3" />,
  document.getElementById('app')!,
);
