import 'diffusion-elements';
import type {} from 'diffusion-elements/solid';
import { render } from 'solid-js/web';

render(
  () => <diffusion-sampler autoplay loading="eager" label="sneaker" steps={2} seed="3" />,
  document.getElementById('app')!,
);
